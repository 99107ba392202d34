import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { utimesSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qmp, readQemuDisks } from '#worker/hypervisor/libvirt/qmp.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm, domainOf, filesOf, snapshotOf, sourcesOf } from '../hypervisor/node-vms.ts'
import { expectAsGuest, openBehindLibvirt, switchBehindLibvirt, writeAsGuest } from './behind-libvirt.ts'
import { diskCheckCalls } from './disk-check-calls.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a check of disks${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const { base, overlayOf, check, aStoredSnapshot, redefine } = diskCheckCalls(() => node)

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
