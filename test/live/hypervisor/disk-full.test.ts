import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { stretchOf } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm } from './node-vms.ts'
import { snapshotTree } from './snapshot-tree.ts'

const unavailable = libvirtAvailable()
const mib = 2 ** 20
const poolMib = 256

describe.skipIf(unavailable)(`a node's disk that is full${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let directory: string
  let filler: string
  let somebodys: string

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'qfull-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${poolMib}m,mode=711`, 'quantix-test', directory])
    filler = path.join(directory, 'filler')
    somebodys = path.join(directory, 'somebodys')
    node = await startLibvirtNode({ virtType: 'qemu', poolDirectory: path.join(directory, 'pool') })
  })
  afterEach(makeRoom)
  afterAll(async () => {
    await node?.close()
    execFileSync('umount', [directory])
    rmSync(directory, { recursive: true })
  })

  async function makeRoom(): Promise<void> {
    for (const file of [filler, somebodys]) await rm(file, { force: true })
  }

  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  }

  async function fill(leftBytes = 0): Promise<void> {
    execFileSync('fallocate', ['-l', String((await freeBytes()) - leftBytes), filler])
  }

  async function fillTo(file: string): Promise<void> {
    const handle = await open(file, 'w')
    const part = Buffer.alloc(8 * mib)
    const full = (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOSPC') return null
      throw error
    }
    while (await handle.write(part).catch(full));
    await handle.close()
  }

  const states = [
    { state: 'running', make: aRunningVm },
    { state: 'stopped', make: aVm },
  ] as const

  async function aTree(make: typeof aVm, sizeMib: number) {
    const tree = snapshotTree(node, await make(node), { leaks: true })
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

  async function remove({ vmId }: { vmId: string }): Promise<void> {
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
    await remove(tree)
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
    await remove(tree)
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
    await remove(tree)
  })

  test.for(states)(
    'that fills in the middle of a merge of a $state VM loses nothing that is kept',
    async ({ make, state }) => {
      const tree = await aTree(make, 64)
      // The files of a QEMU that was ended take space until it is gone.
      await expect.poll(freeBytes, { timeout: 10_000 }).toBeGreaterThan(100 * mib)
      // Enough for the merge, until somebody else takes it.
      await fill(72 * mib)
      const deleted = tree.delete('a').catch((error) => error)
      while ((await freeBytes()) > 71 * mib) await sleep(1)
      await fillTo(somebodys)
      expect(await deleted).toMatchObject({ code: 'resource_exhausted', reason: 'NODE_DISK_FULL' })
      await expectState(tree.vmId, state)
      await tree.expectWhole()
      await makeRoom()
      await tree.reclaim()
      await tree.expectReclaimed()
      await tree.revert('b')
      await tree.expectWhole()
      await remove(tree)
    },
  )
})
