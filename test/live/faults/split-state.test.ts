import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aPausedVm, aRunningVm, domainOf, filesOf, snapshotOf, sourcesOf } from '../hypervisor/node-vms.ts'
import {
  expectAsGuest,
  expectInFile,
  mergeBehindLibvirt,
  openBehindLibvirt,
  switchBehindLibvirt,
  writeAsGuest,
} from './behind-libvirt.ts'
import { diskCheckCalls } from './disk-check-calls.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(
  `a check of disks that are out of step${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    let node: LibvirtNode
    beforeAll(async () => {
      node = await startLibvirtNode({ virtType: 'qemu' })
      await node.hypervisor.probeCpuModes()
    })
    afterAll(() => node?.close())

    const { base, overlayOf, check, aStoredSnapshot, redefine, killQemu } = diskCheckCalls(() => node)

    test('merges an overlay that libvirt does not know, and loses nothing that was written', async () => {
      const vmId = await aPausedVm(node)
      await writeAsGuest(node, vmId, 1, 0)
      const snapshot = await aStoredSnapshot(vmId)
      const known = (await sourcesOf(node, vmId)).live[0] ?? ''
      await writeAsGuest(node, vmId, 2, 1)
      const unknown = overlayOf(vmId)
      await switchBehindLibvirt(node, vmId, known, unknown)
      await writeAsGuest(node, vmId, 3, 2)
      expect((await sourcesOf(node, vmId)).qemu, 'there is nothing to find').toEqual([unknown])

      expect(await check(vmId, [snapshot])).toBeNull()
      expect(await sourcesOf(node, vmId)).toEqual({ live: [known], inactive: [known], qemu: [known] })
      expect(await filesOf(node, vmId)).toEqual([path.basename(known), `${vmId}.vda.qcow2`].sort())
      for (const nth of [1, 2, 3]) await expectAsGuest(node, vmId, nth, nth - 1)
      await node.hypervisor.destroyVm(vmId)
      for (const nth of [1, 2, 3]) expectInFile(known, nth, nth - 1)
      for (const nth of [1, 2]) expectInFile(base(vmId), 0, nth)
      await node.hypervisor.startVm(vmId)
      await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))
    })

    test.for([{ closed: false }, { closed: true }])(
      'turns QEMU back to an overlay whose merge libvirt has forgotten in the middle, and the guest goes on: closed $closed',
      async ({ closed }) => {
        const vmId = await aRunningVm(node)
        await writeAsGuest(node, vmId, 1, 0)
        await aStoredSnapshot(vmId)
        await writeAsGuest(node, vmId, 2, 1)
        const overlay = (await sourcesOf(node, vmId)).live[0] ?? ''
        const merge = { kind: 'top', child: path.basename(overlay), parent: `${vmId}.vda.qcow2` } as const
        await reclaimJournal(node.options.stateDirectory).write({ vmId, merges: [merge], pauses: true })
        await node.connection.call(remote.domainSuspend, { dom: await domainOf(node, vmId) })
        await mergeBehindLibvirt(node, vmId, closed)
        expect(await sourcesOf(node, vmId)).toEqual({ live: [overlay], inactive: [overlay], qemu: [base(vmId)] })

        expect(await check(vmId)).toBeNull()
        expect((await sourcesOf(node, vmId)).qemu).toEqual([overlay])
        for (const nth of [1, 2]) await expectAsGuest(node, vmId, nth, nth - 1)
        await node.hypervisor.reclaimFiles({ vmId, keep: [] })
        expect((await node.hypervisor.observeVm(vmId))?.state).toBe('RUNNING')
        expect(await sourcesOf(node, vmId)).toEqual({ live: [base(vmId)], inactive: [base(vmId)], qemu: [base(vmId)] })
        expect(await filesOf(node, vmId)).toEqual([merge.parent])
        for (const nth of [1, 2]) await expectAsGuest(node, vmId, nth, nth - 1)
      },
    )

    test('gives a VM whose QEMU died while it wrote to such an overlay that overlay', async () => {
      const vmId = await aRunningVm(node, { disks: [{ sizeGib: 1 }, { sizeGib: 1 }] })
      await writeAsGuest(node, vmId, 1, 0)
      const id = randomUUID()
      const overlays = ['vda', 'vdb'].map((target) => overlayOf(vmId, target, id))
      for (const [index, target] of ['vda', 'vdb'].entries()) {
        await switchBehindLibvirt(node, vmId, base(vmId, target), overlays[index] ?? '', `libvirt-9${index}`)
      }
      await writeAsGuest(node, vmId, 2, 1)
      await killQemu(vmId)
      expect((await sourcesOf(node, vmId)).inactive).toEqual([base(vmId), base(vmId, 'vdb')])

      expect(await check(vmId)).toBeNull()
      expect((await sourcesOf(node, vmId)).inactive, 'a snapshot takes all disks at once').toEqual(overlays)
      await node.hypervisor.startVm(vmId)
      for (const nth of [1, 2]) await expectAsGuest(node, vmId, nth, nth - 1)
    })

    test('an attempt that comes after QEMU died keeps what it had written', async () => {
      const vmId = await aRunningVm(node)
      const request = snapshotOf(vmId)
      await switchBehindLibvirt(node, vmId, base(vmId), overlayOf(vmId, 'vda', request.snapshotId))
      await writeAsGuest(node, vmId, 7, 3)
      await killQemu(vmId)
      await node.hypervisor.createSnapshot(request)
      expectInFile((await sourcesOf(node, vmId)).inactive[0] ?? '', 7, 3)
      await node.hypervisor.discardSnapshot(vmId, request.snapshotId)
      expectInFile((await sourcesOf(node, vmId)).inactive[0] ?? '', 7, 3)
    })

    test('brings the next start after what runs, also once it runs no more', async () => {
      for (const stops of [false, true]) {
        const vmId = await aRunningVm(node)
        const snapshot = await aStoredSnapshot(vmId)
        const [current = ''] = (await sourcesOf(node, vmId)).live
        await writeAsGuest(node, vmId, 5, 0)
        await redefine(vmId, [{ target: 'vda', path: base(vmId) }])
        if (stops) await killQemu(vmId)
        expect((await sourcesOf(node, vmId)).inactive).toEqual([base(vmId)])
        expect(await check(vmId, [snapshot])).toBeNull()
        expect((await sourcesOf(node, vmId)).inactive).toEqual([current])
      }
    })

    test('closes and removes an overlay that is open for nothing', async () => {
      const vmId = await aRunningVm(node)
      await openBehindLibvirt(node, vmId, base(vmId), overlayOf(vmId))
      expect(await check(vmId)).toBeNull()
      const nodes = await readQemuNodes(node.connection, await domainOf(node, vmId))
      expect(nodes.filter(({ file }) => file.includes(`${vmId}.vda.`)).map(({ file }) => file)).toEqual([
        base(vmId),
        base(vmId),
      ])
      expect(await filesOf(node, vmId)).toEqual([`${vmId}.vda.qcow2`])
    })
  },
)
