import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aPausedVm, filesOf, snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a pool with little room${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let poolDirectory: string
  beforeAll(async () => {
    poolDirectory = path.join(await mkdtemp(path.join(tmpdir(), 'qr-')), 'pool')
    await mkdir(poolDirectory)
    execFileSync('chmod', ['755', path.dirname(poolDirectory)])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=60m,mode=755', 'tmpfs', poolDirectory])
    node = await startLibvirtNode({ virtType: 'qemu', poolDirectory })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(async () => {
    await node?.close()
    execFileSync('umount', [poolDirectory])
    await rm(path.dirname(poolDirectory), { recursive: true })
  })

  test('is told by its node', async () => {
    const { storageFreeBytes } = await node.hypervisor.describeNode()
    expect(storageFreeBytes).toBeGreaterThan(40 * 2 ** 20)
    expect(storageFreeBytes).toBeLessThanOrEqual(60 * 2 ** 20)
  })

  test('refuses to save more memory than fits, with ways out and before anything is written', async () => {
    const vmId = await aPausedVm(node, { memory: { sizeMib: 64 } })
    const before = await filesOf(node, vmId)
    await expect(node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))).rejects.toMatchObject({
      code: 'resource_exhausted',
      reason: 'NO_SPACE_FOR_MEMORY',
      details: {
        freeBytes: expect.any(Number),
        remedies: [{ action: 'TAKE_DISK_ONLY_SNAPSHOT' }, { action: 'DELETE_SNAPSHOTS' }],
      },
    })
    expect(await filesOf(node, vmId)).toEqual(before)
    expect(await node.hypervisor.createSnapshot(snapshotOf(vmId))).toMatchObject({ kind: 'disk-only' })
    await node.hypervisor.destroyVm(vmId)
    expect(await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))).toMatchObject({
      kind: 'offline',
    })
  })

  test('takes memory that fits', async () => {
    const vmId = await aPausedVm(node, { memory: { sizeMib: 32 } })
    expect(await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))).toMatchObject({
      kind: 'memory',
    })
    await node.hypervisor.destroyVm(vmId)
  })
})
