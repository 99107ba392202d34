import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { utimesSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { readInactiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { qmp, readQemuDisks, readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import { withDiskFiles } from '#worker/hypervisor/libvirt/xml/disk-sources.ts'
import type { StoredSnapshot } from '#worker/hypervisor/port.ts'
import { overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm, domainOf, filesOf, snapshotOf, sourcesOf } from '../hypervisor/node-vms.ts'
import {
  expectAsGuest,
  expectInFile,
  mergeBehindLibvirt,
  openBehindLibvirt,
  switchBehindLibvirt,
  writeAsGuest,
} from './behind-libvirt.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a check of disks${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const inPool = (file: string) => path.join(node.options.poolDirectory, file)
  const base = (vmId: string, target = 'vda') => inPool(`${vmId}.${target}.qcow2`)
  const overlayOf = (vmId: string, target = 'vda', id: string = randomUUID()) => inPool(overlayVolume(vmId, target, id))
  const check = (vmId: string, snapshots: StoredSnapshot[] = []) => node.hypervisor.checkDisks({ vmId, snapshots })

  async function aStoredSnapshot(vmId: string, includeMemory = false): Promise<StoredSnapshot> {
    const request = snapshotOf(vmId, { includeMemory })
    return { snapshotId: request.snapshotId, ...(await node.hypervisor.createSnapshot(request)) }
  }

  async function redefine(vmId: string, files: { target: string; path: string }[]): Promise<void> {
    const dom = await domainOf(node, vmId)
    const xml = withDiskFiles(await readInactiveXml(node.connection, dom), files)
    await node.connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })
  }

  async function killQemu(vmId: string): Promise<void> {
    process.kill(qemuPid(vmId), 'SIGKILL')
    await expect.poll(async () => (await node.hypervisor.observeVm(vmId))?.state, { timeout: 10_000 }).toBe('STOPPED')
  }

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

  test('names a file that is none of ours, and leaves it', async () => {
    const vmId = await aRunningVm(node)
    const foreign = path.join(node.host.directory, `foreign-${vmId}.qcow2`)
    await switchBehindLibvirt(node, vmId, base(vmId), foreign)
    await writeAsGuest(node, vmId, 4, 0)
    const before = await sourcesOf(node, vmId)
    expect(await check(vmId)).toMatchObject({ reason: 'DISK_CHAIN_UNKNOWN', message: expect.stringContaining(foreign) })
    expect(await sourcesOf(node, vmId)).toEqual(before)
    await expectAsGuest(node, vmId, 4, 0)
    for (const change of [
      () => node.hypervisor.createSnapshot(snapshotOf(vmId)),
      () => node.hypervisor.reclaimFiles({ vmId, keep: [] }),
    ]) {
      await expect(change()).rejects.toMatchObject({ code: 'failed_precondition', reason: 'DISK_CHAIN_UNKNOWN' })
    }
  })

  test('names a disk that would overwrite a snapshot', async () => {
    const vmId = await aVm(node)
    const snapshot = await aStoredSnapshot(vmId)
    const overlay = (await sourcesOf(node, vmId)).inactive[0] ?? ''
    const elsewhere = path.join(node.host.directory, path.basename(overlay))
    execFileSync('mv', [overlay, elsewhere])
    await redefine(vmId, [{ target: 'vda', path: base(vmId) }])
    expect(await check(vmId, [snapshot])).toMatchObject({ reason: 'DISK_HOLDS_SNAPSHOT' })
    execFileSync('mv', [elsewhere, overlay])
    expect(await check(vmId, [snapshot])).toBeNull()
    expect((await sourcesOf(node, vmId)).inactive).toEqual([overlay])
  })

  test('names writes that may be the last ones, and removes an overlay that holds nothing of its own', async () => {
    const vmId = await aVm(node)
    const overlay = overlayOf(vmId)
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base(vmId), '-F', 'qcow2', overlay])
    const write = (file: string) => execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 9 0 64k', file])
    write(overlay)
    utimesSync(overlay, new Date(0), new Date(0))
    expect(await check(vmId)).toMatchObject({ reason: 'DISK_WRITES_LEFT_OUT' })
    expect(await filesOf(node, vmId)).toHaveLength(2)
    write(base(vmId))
    expect(await check(vmId)).toBeNull()
    expect(await filesOf(node, vmId)).toEqual([`${vmId}.vda.qcow2`])
  })

  test('finds nothing where nothing is wrong, and changes nothing', async () => {
    const states = [
      await aVm(node),
      await aVm(node, { disks: [] }),
      await aRunningVm(node, { disks: [] }),
      await aRunningVm(node),
      await aPausedVm(node),
      await aRunningVm(node, { disks: [{ sizeGib: 1 }, { sizeGib: 1 }] }),
    ]
    for (const vmId of states) {
      const snapshots: StoredSnapshot[] = []
      for (let nth = 0; nth < 2; nth++) {
        const before = [await sourcesOf(node, vmId), await filesOf(node, vmId)]
        expect(await check(vmId, snapshots)).toBeNull()
        expect([await sourcesOf(node, vmId), await filesOf(node, vmId)]).toEqual(before)
        if (before[0] && (await filesOf(node, vmId)).length > 0) snapshots.push(await aStoredSnapshot(vmId))
      }
    }
    expect(await check(randomUUID())).toBeNull()
  })

  test("leaves somebody else's block job alone: the VM is checked with it, and repaired after it", async () => {
    const vmId = await aRunningVm(node)
    const dom = await domainOf(node, vmId)
    const overlay = overlayOf(vmId)
    await switchBehindLibvirt(node, vmId, base(vmId), overlay)
    const target = await openBehindLibvirt(node, vmId, base(vmId), `${overlay}.copy`, 'backup')
    const [disk] = await readQemuDisks(node.connection, dom)
    const copy = { device: disk?.nodeName, target, sync: 'top', 'job-id': 'backup' }
    await qmp(node.connection, dom, 'blockdev-mirror', copy)
    await expect(check(vmId)).rejects.toMatchObject({ code: 'unavailable', reason: 'HYPERVISOR_BUSY' })
    expect(await qmp(node.connection, dom, 'query-block-jobs')).toMatchObject([{ device: 'backup' }])
    await qmp(node.connection, dom, 'block-job-cancel', { device: 'backup' })
    await expect.poll(() => check(vmId).catch(() => 'busy')).toBeNull()
    expect((await sourcesOf(node, vmId)).qemu).toEqual([base(vmId)])
    // What agrees needs no repair, so a job is in nobody's way.
    await openBehindLibvirt(node, vmId, base(vmId), `${overlay}.copy`, 'again')
    const [known] = await readQemuDisks(node.connection, dom)
    await qmp(node.connection, dom, 'blockdev-mirror', { ...copy, device: known?.nodeName, target: 'again-format' })
    expect(await check(vmId)).toBeNull()
    expect(await qmp(node.connection, dom, 'query-block-jobs')).toHaveLength(1)
  })

  test('does not run while the files of the VM are being changed', async () => {
    const vmId = await aRunningVm(node)
    const taking = node.hypervisor.createSnapshot(snapshotOf(vmId))
    await expect(check(vmId)).rejects.toMatchObject({ code: 'unavailable', reason: 'HYPERVISOR_BUSY' })
    const next = node.hypervisor.createSnapshot(snapshotOf(vmId))
    await Promise.all([taking, next])
    const checks = await Promise.all([check(vmId), check(vmId)])
    expect(checks).toEqual([null, null])
    const [disk] = await readQemuDisks(node.connection, await domainOf(node, vmId))
    expect(disk?.chain, 'two snapshots, one after the other').toHaveLength(3)
  })
})
