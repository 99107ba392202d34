import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { readOverlayFile } from '#worker/hypervisor/libvirt/snapshot/overlay-file.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { stretchOf } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm, domainOf, sourcesOf } from './node-vms.ts'
import { snapshotTree } from './snapshot-tree.ts'
import { doAsTold, untilReclaimed } from './until-reclaimed.ts'

const unavailable = libvirtAvailable()
const program = fileURLToPath(new URL('reclaiming-worker.ts', import.meta.url))

/** Which of two snapshots goes, and what was written before each and after them, MiB: every kind of merge is among them. */
const merges = [
  { deleted: 'a', sizes: [24, 2, 1], running: 'commit in the middle', stopped: 'commit' },
  { deleted: 'a', sizes: [2, 24, 1], running: 'commit in the middle', stopped: 'pull' },
  { deleted: 'b', sizes: [1, 24, 2], running: 'commit of the top', stopped: 'commit of the top' },
  { deleted: 'b', sizes: [1, 2, 24], running: 'pull into the top', stopped: 'pull' },
] as const

describe.skipIf(unavailable)(`a merge cut off${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(() => node?.close())

  async function aTree(make: typeof aVm, sizes: readonly number[]) {
    const tree = snapshotTree(node, await make(node), { leaks: true })
    for (const [index, name] of ['a', 'b', null].entries()) {
      await tree.write(stretchOf(0, 1, 10 + index), stretchOf(64 * (index + 1), sizes[index] ?? 0, 20 + index))
      if (name !== null) await tree.take(name)
    }
    return tree
  }

  const cases = (['running', 'stopped'] as const).flatMap((state) =>
    merges.map((merge) => ({ state, kind: merge[state], merge, make: state === 'running' ? aRunningVm : aVm })),
  )

  /** Kills when a merge of the VM has begun; resolves to whether it had not ended by then. */
  async function killInMerge(vmId: string, kill: () => unknown): Promise<boolean> {
    const journal = reclaimJournal(node.options.stateDirectory)
    const isMerging = async () => (await journal.read(vmId)).merges.length > 0
    await vi.waitUntil(isMerging, { interval: 1, timeout: 60_000 })
    await kill()
    return isMerging()
  }

  /** A kill comes too late where the machine is faster than it: then again. */
  async function untilHit(attempt: () => Promise<boolean>): Promise<void> {
    for (let left = 5; left > 0; left--) if (await attempt()) return
    expect.fail('every merge had ended before the kill: nothing was proved')
  }

  test.for(cases)('by kill -9 of the worker is done by the next: $state, $kind', async ({ merge, make, state }) => {
    await untilHit(async () => {
      const tree = await aTree(make, merge.sizes)
      tree.drop(merge.deleted)
      const { log: _, ...options } = node.options
      const request = { vmId: tree.vmId, keep: tree.keep() }
      const child = spawn(process.execPath, [program, JSON.stringify({ options, request })], { stdio: 'ignore' })
      const exited = once(child, 'exit')
      const hit = await killInMerge(tree.vmId, async () => {
        child.kill('SIGKILL')
        await exited
      })
      const next = await node.reopen()
      try {
        await untilReclaimed(tree, next)
        await tree.expectReclaimed()
        expect((await next.observeVm(tree.vmId))?.state).toBe(state.toUpperCase())
      } finally {
        await next.close()
      }
      return hit
    })
  })

  test('by kill -9 of the worker as the head of the file changes loses nothing: stopped, pull', async () => {
    const tree = await aTree(aVm, [1, 2, 24])
    tree.drop('b')
    const [top] = (await sourcesOf(node, tree.vmId)).inactive
    const backing = async () => (await readOverlayFile(top ?? ''))?.backing
    const before = await backing()
    const { log: _, ...options } = node.options
    const request = { vmId: tree.vmId, keep: tree.keep() }
    const child = spawn(process.execPath, [program, JSON.stringify({ options, request })], { stdio: 'ignore' })
    const exited = once(child, 'exit')
    await expect.poll(backing, { interval: 0, timeout: 60_000 }).not.toBe(before)
    child.kill('SIGKILL')
    await exited
    await untilReclaimed(tree)
    await tree.expectReclaimed()
  })

  test.for(cases.filter(({ state }) => state === 'running'))(
    'by kill -9 of QEMU goes on with the stopped VM: $kind',
    async ({ merge, make }) => {
      await untilHit(async () => {
        const tree = await aTree(make, merge.sizes)
        const deleted = tree.delete(merge.deleted).catch((error) => error)
        const hit = await killInMerge(tree.vmId, () => process.kill(qemuPid(tree.vmId), 'SIGKILL'))
        const result = await deleted
        if (result instanceof Error) {
          expect(result).toMatchObject({ code: 'unavailable' })
          await untilReclaimed(tree)
        }
        await expect.poll(async () => (await node.hypervisor.observeVm(tree.vmId))?.state).toBe('STOPPED')
        await tree.expectReclaimed()
        await node.hypervisor.startVm(tree.vmId)
        await tree.expectReclaimed()
        return hit
      })
    },
  )

  test.for(cases.filter(({ state }) => state === 'running'))(
    'by kill -9 of libvirtd is done when it is back: $kind',
    async ({ merge, make }) => {
      await untilHit(async () => {
        const tree = await aTree(make, merge.sizes)
        const deleted = tree.delete(merge.deleted).catch((error) => error)
        const hit = await killInMerge(tree.vmId, () => node.host.kill('SIGKILL'))
        await node.host.restart()
        const result = await deleted
        if (result instanceof Error) {
          expect(result).toMatchObject({ code: 'unavailable' })
          await untilReclaimed(tree).catch((error) => doAsTold(node, tree, error))
        }
        await tree.expectReclaimed()
        expect((await node.hypervisor.observeVm(tree.vmId))?.state).toBe('RUNNING')
        return hit
      })
    },
  )

  test('while its guest stood still wakes it when the worker starts', async () => {
    const tree = await aTree(aRunningVm, [1, 1, 1])
    const journal = reclaimJournal(node.options.stateDirectory)
    await journal.write({ vmId: tree.vmId, merges: [], pauses: true })
    await node.connection.call(remote.domainSuspend, { dom: await domainOf(node, tree.vmId) })
    const next: Hypervisor = await node.reopen()
    expect((await next.observeVm(tree.vmId))?.state).toBe('RUNNING')
    await next.close()
  })
})
