import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qmp } from '#worker/hypervisor/libvirt/qmp.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { memoryVolume } from '#worker/hypervisor/storage-names.ts'
import { stretchOf } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm, domainOf, filesOf, snapshotOf } from './node-vms.ts'
import { snapshotTree } from './snapshot-tree.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`deleting a snapshot${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(() => node?.close())

  const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']
  const states = [
    { state: 'running', make: aRunningVm },
    { state: 'paused', make: aPausedVm },
    { state: 'stopped', make: aVm },
  ] as const
  /** What is written before each snapshot and after the last, MiB: either side of a merge is the smaller one somewhere. */
  const sizes = [
    [8, 1, 4, 2],
    [1, 4, 2, 8],
  ]
  const cases = states.flatMap((each) =>
    orders.map((order, index) => ({ ...each, order, size: sizes[index % 2] ?? [] })),
  )

  test.for(cases.filter(({ state, order }) => state !== 'paused' || order === 'bca' || order === 'cba'))(
    'keeps all others and what is current, in the order $order of a $state VM',
    async ({ make, order, size }) => {
      const tree = snapshotTree(node, await make(node))
      for (const [index, name] of ['a', 'b', 'c', null].entries()) {
        // One stretch is written anew each time, one stays.
        await tree.write(stretchOf(0, 1, 10 + index), stretchOf(64 * (index + 1), size[index] ?? 0, 20 + index))
        if (name !== null) await tree.take(name)
      }
      for (const name of order) {
        const { freedBytes } = await tree.delete(name)
        expect(freedBytes).toBeGreaterThan(0)
        await tree.expectReclaimed()
      }
      // libvirt opens the files that are left from the head of each.
      await node.hypervisor.destroyVm(tree.vmId)
      await node.hypervisor.startVm(tree.vmId)
      await tree.expectReclaimed()
    },
  )

  test('is refused while a guest stands still since before its memory was saved, and done when it goes on', async () => {
    const tree = snapshotTree(node, await aPausedVm(node))
    await tree.write(stretchOf(0, 1, 10))
    await tree.take('a')
    await tree.write(stretchOf(0, 1, 11))
    await tree.take('b', true)
    const files = await filesOf(node, tree.vmId)
    tree.drop('a')
    await expect(tree.reclaim()).rejects.toMatchObject({ code: 'failed_precondition', reason: 'VM_IS_PAUSED' })
    // Not even for a moment does it run: QEMU takes hold of its files only when it does.
    const dom = await domainOf(node, tree.vmId)
    expect(await qmp(node.connection, dom, 'query-status')).toMatchObject({ status: 'postmigrate' })
    expect(await filesOf(node, tree.vmId)).toEqual(files)

    await node.connection.call(remote.domainResume, { dom })
    await tree.reclaim()
    await tree.expectReclaimed()
  })

  /** Snapshots a and b, x on top of b, and the VM again on b. */
  async function aBranchedTree(state: 'running' | 'stopped') {
    const tree = snapshotTree(node, await (state === 'running' ? aRunningVm : aVm)(node))
    for (const [index, name] of ['a', 'b', 'x'].entries()) {
      await tree.write(stretchOf(0, 1, 10 + index), stretchOf(64 * (index + 1), 3 - index, 20 + index))
      await tree.take(name)
    }
    await tree.revert('b', state === 'running')
    await tree.reclaim()
    await tree.write(stretchOf(0, 1, 13), stretchOf(256, 1, 23))
    await tree.expectReclaimed()
    return tree
  }

  test.for(['running', 'stopped'] as const)(
    'keeps what several others stand on until one is left: %s',
    async (state) => {
      const tree = await aBranchedTree(state)
      await tree.delete('b')
      await tree.expectReclaimed(1)
      await tree.delete('x')
      await tree.expectReclaimed()
      await tree.delete('a')
      await tree.expectReclaimed()
      expect(await filesOf(node, tree.vmId)).toHaveLength(1)
    },
  )

  test.for(['running', 'stopped'] as const)('keeps the branches that the VM is not on: %s', async (state) => {
    const tree = await aBranchedTree(state)
    const rowOfB = tree.of('b').snapshot
    await tree.delete('a')
    await tree.expectReclaimed()
    // Also where the row has not followed the merge: the operation failed after it.
    const request = { vmId: tree.vmId, operationId: snapshotOf(tree.vmId).snapshotId, keepAs: null, start: false }
    await node.hypervisor.revertToSnapshot({ ...request, snapshot: rowOfB })
    tree.isNow('b')
    await tree.reclaim()
    await tree.expectReclaimed()
    await tree.revert('x')
    await tree.reclaim()
    await tree.expectReclaimed()
  })

  test('removes its saved memory, what a failed one left, and nothing of another VM', async () => {
    const other = snapshotTree(node, await aVm(node))
    await other.take('a')
    const tree = snapshotTree(node, await aRunningVm(node))
    await tree.take('a', true)
    await tree.take('b', true)
    await writeFile(path.join(node.options.poolDirectory, memoryVolume(tree.vmId, 'failed')), 'half of it')
    await tree.delete('a')
    await tree.expectReclaimed()
    await other.expectReclaimed()
    expect(await filesOf(node, tree.vmId)).toContain(tree.of('b').snapshot.memoryVolume)
  })

  test('is refused for a VM that its node does not have: its files may be all that is left of it', async () => {
    const tree = snapshotTree(node, await aVm(node))
    await node.hypervisor.undefineVm(tree.vmId)
    await expect(tree.reclaim()).rejects.toMatchObject({ code: 'not_found' })
    expect(await filesOf(node, tree.vmId)).toHaveLength(1)
  })
})
