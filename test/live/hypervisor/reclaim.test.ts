import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { stretchOf } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm } from './node-vms.ts'
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

  test.for(states.flatMap((each) => orders.map((order) => ({ ...each, order }))))(
    'keeps all others and what is current, in the order $order of a $state VM',
    async ({ make, order }) => {
      for (const size of sizes) {
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
      }
    },
  )
})
