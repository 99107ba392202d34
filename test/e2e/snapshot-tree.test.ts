import { describe, expect, test } from 'vitest'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { headers, queues, spec, startSystem, succeeded } from './system.ts'

describe.each(queues)('with the queue on %s', async (_, queueOf) => {
  const hypervisor = createSimulatedHypervisor()
  const { client } = await startSystem(queueOf, hypervisor)

  /** A running VM, with what a user does to it and what its guest reads. */
  async function aRunningVm(name: string) {
    const { id } = succeeded(await sdk.createVm({ client, headers, body: { name, spec } }))
    const path = { id }
    succeeded(await sdk.startVm({ client, headers, path }))
    const vm = async () => succeeded(await sdk.getVm({ client, path }))
    return {
      path,
      vm,
      write: (block: number, word: string) => hypervisor.writeDisk(id, 'vda', block, word),
      read: () => Object.values(hypervisor.readVolume(hypervisor.contents.vms[id]?.disks[0]?.volume ?? '')),
      files: () => hypervisor.contents.files.filter((file) => file.startsWith(id)),
      take: async (body: sdk.SnapshotCreateInput) =>
        succeeded(await sdk.createSnapshot({ client, headers, path, body })).id,
      revert: async (snapshotId: string, body: sdk.SnapshotRevertInput = {}) =>
        succeeded(await sdk.revertToSnapshot({ client, headers, path: { id, snapshotId }, body })) as sdk.RevertedVm,
      remove: async (snapshotId: string) =>
        (await sdk.deleteSnapshot({ client, headers, path: { id, snapshotId } })).response?.status,
      list: async () => succeeded(await sdk.listSnapshots({ client, path })).items,
    }
  }

  test('a VM goes back and forth between its snapshots, and nothing that was current is lost', async () => {
    const { path, write, read, take, revert, list, vm } = await aRunningVm('back-and-forth')
    write(0, 'first')
    const first = await take({ name: 'first', includeMemory: true })
    write(0, 'second')
    const second = await take({ name: 'second' })
    write(0, 'third')

    const back = await revert(first)
    expect(back.status).toMatchObject({ state: 'RUNNING', currentSnapshotId: first })
    expect(read()).toEqual(['first'])

    const stopped = await revert(second)
    expect(stopped.status).toMatchObject({ state: 'STOPPED', currentSnapshotId: second })
    expect(read()).toEqual(['second'])

    const third = await revert(back.keptSnapshotId ?? '', { startAfterRevert: true, discardCurrent: true })
    expect(third).toMatchObject({ status: { state: 'RUNNING' }, keptSnapshotId: null })
    expect(read()).toEqual(['third'])

    expect((await list()).map(({ name, origin, parentId, current }) => ({ name, origin, parentId, current }))).toEqual([
      { name: 'before-revert-to-second', origin: 'revert', parentId: first, current: false },
      { name: 'before-revert-to-first', origin: 'revert', parentId: second, current: true },
      { name: 'second', origin: 'user', parentId: first, current: false },
      { name: 'first', origin: 'user', parentId: null, current: false },
    ])
    expect((await vm()).status.message).toBe('')
    expect((await sdk.deleteVm({ client, headers, path, query: { force: true } })).response?.status).toBe(204)
    expect(hypervisor.contents.files).toEqual([])
  })

  test('snapshots are deleted in any order, what is left stays what it was, and the space comes back', async () => {
    const { path, write, read, take, revert, remove, list, files } = await aRunningVm('deleted')
    write(0, 'a')
    const a = await take({ name: 'a', includeMemory: true })
    write(1, 'b')
    const b = await take({ name: 'b' })
    write(2, 'c')
    const c = await take({ name: 'c' })
    write(3, 'now')
    expect(await remove(b)).toBe(204)
    expect((await list()).map(({ id, parentId }) => [id, parentId])).toEqual([
      [c, a],
      [a, null],
    ])
    expect(read()).toEqual(['a', 'b', 'c', 'now'])
    await revert(c, { discardCurrent: true })
    expect(read()).toEqual(['a', 'b', 'c'])
    expect(await remove(a)).toBe(204)
    expect(await remove(c)).toBe(204)
    expect(read()).toEqual(['a', 'b', 'c'])
    expect(files()).toHaveLength(1)
    expect((await sdk.deleteVm({ client, headers, path })).response?.status).toBe(204)
  })

  test('what the capabilities say is what a request gets', async () => {
    const { path, take } = await aRunningVm('has-no-agent')
    const { memory, diskOnlyQuiesced, offline } = succeeded(await sdk.getSnapshotCapabilities({ client, path }))
    expect([memory.allowed, diskOnlyQuiesced.reason, offline.reason]).toEqual([
      true,
      'GUEST_AGENT_NOT_CONNECTED',
      'VM_IS_RUNNING',
    ])
    const refused = await sdk.createSnapshot({ client, headers, path, body: { name: 'quiesced', quiesce: true } })
    expect(refused.error).toMatchObject({ reason: diskOnlyQuiesced.reason, message: diskOnlyQuiesced.message })
    await take({ name: 'preferred', quiesce: true, quiescePolicy: 'prefer' })
    const { items } = succeeded(await sdk.listSnapshots({ client, path }))
    expect(items[0]).toMatchObject({ consistency: 'crash', notice: expect.stringContaining('agent') })
  })
})
