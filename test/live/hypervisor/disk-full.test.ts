import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { stretchOf } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm } from './node-vms.ts'
import { snapshotTree } from './snapshot-tree.ts'

const unavailable = libvirtAvailable()
const mib = 2 ** 20
const poolMib = 256

// What the node is told once is free, so that it begins what there is no room for.
const told = vi.hoisted((): { freeBytes?: number } => ({}))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const statfsAsTold = async (path: string) => {
    const seen = await real.statfs(path)
    const { freeBytes = seen.bavail * seen.bsize } = told
    delete told.freeBytes
    return { ...seen, bavail: freeBytes / seen.bsize }
  }
  return { ...real, statfs: statfsAsTold }
})

describe.skipIf(unavailable)(`a node's disk that is full${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let directory: string
  let filler: string
  const trees: ReturnType<typeof snapshotTree>[] = []

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'qfull-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${poolMib}m,mode=711`, 'quantix-test', directory])
    filler = path.join(directory, 'filler')
    node = await startLibvirtNode({ virtType: 'qemu', poolDirectory: path.join(directory, 'pool') })
  })
  // A failed test must not leave the next one without room.
  afterEach(async () => {
    delete told.freeBytes
    await rm(filler, { force: true })
    for (const { vmId } of trees.splice(0)) await remove(vmId)
    await expect.poll(usedBytes, { timeout: 10_000 }).toBeLessThan(mib)
  })
  afterAll(async () => {
    await node?.close()
    execFileSync('umount', [directory])
    rmSync(directory, { recursive: true })
  })

  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  }

  const usedBytes = async () => poolMib * mib - (await freeBytes())

  async function fill(leftBytes = 0): Promise<void> {
    execFileSync('fallocate', ['-l', String((await freeBytes()) - leftBytes), filler])
  }

  const states = [
    { state: 'running', make: aRunningVm },
    { state: 'stopped', make: aVm },
  ] as const

  async function aTree(make: typeof aVm, sizeMib: number) {
    const tree = snapshotTree(node, await make(node), { leaks: true })
    trees.push(tree)
    for (const [index, name] of ['a', 'b', null].entries()) {
      await tree.write(
        stretchOf(0, 1, 10 + index),
        stretchOf(64 * (index + 1), name === null ? 1 : sizeMib, 20 + index),
      )
      if (name !== null) await tree.take(name)
    }
    return tree
  }

  async function expectState(vmId: string, state: string): Promise<void> {
    expect((await node.hypervisor.observeVm(vmId))?.state).toBe(state.toUpperCase())
  }

  async function remove(vmId: string): Promise<void> {
    await node.hypervisor.destroyVm(vmId)
    await node.hypervisor.undefineVm(vmId)
    await node.hypervisor.deleteVmFiles(vmId)
  }

  test.for(states)('fails a snapshot of a $state VM, which stays as it was', async ({ make, state }) => {
    const tree = await aTree(make, 2)
    await fill()
    await expect(tree.take('c')).rejects.toMatchObject({ code: 'resource_exhausted', reason: 'NODE_DISK_FULL' })
    await expectState(tree.vmId, state)
    await rm(filler)
    await tree.expectReclaimed()
    await tree.take('c')
    await tree.expectReclaimed()
  })

  test.for(states)('fails a revert of a $state VM, which stays as it was', async ({ make, state }) => {
    const tree = await aTree(make, 2)
    await fill()
    await expect(tree.revert('a')).rejects.toMatchObject({ code: 'resource_exhausted', reason: 'NODE_DISK_FULL' })
    await expectState(tree.vmId, state)
    await rm(filler)
    await tree.reclaim()
    await tree.expectReclaimed()
    await tree.revert('a')
    await tree.expectWhole()
  })

  test.for(states)('fails the deletion of a snapshot of a $state VM before it begins', async ({ make, state }) => {
    const tree = await aTree(make, 32)
    await fill(16 * mib)
    const keep = tree.keep().slice(1)
    const reclaiming = node.hypervisor.reclaimFiles({ vmId: tree.vmId, keep })
    await expect(reclaiming).rejects.toMatchObject({ code: 'resource_exhausted', reason: 'NODE_DISK_FULL' })
    await expectState(tree.vmId, state)
    await tree.expectReclaimed()
    await rm(filler)
    await tree.delete('a')
    await tree.expectReclaimed()
  })

  test.for(states)(
    'that fills in the middle of a merge of a $state VM loses nothing that is kept',
    async ({ make, state }) => {
      const tree = await aTree(make, 64)
      await fill(32 * mib)
      told.freeBytes = 1024 * mib
      await expect(tree.delete('a')).rejects.toMatchObject({ code: 'resource_exhausted', reason: 'NODE_DISK_FULL' })
      await expectState(tree.vmId, state)
      await tree.expectWhole()
      expect(told).toEqual({})
      await rm(filler)
      await tree.reclaim()
      await tree.expectReclaimed()
      await tree.revert('b')
      await tree.expectWhole()
    },
  )
})
