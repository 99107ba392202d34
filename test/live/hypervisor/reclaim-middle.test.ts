import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { readQemuDisks } from '#worker/hypervisor/libvirt/qmp.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { startMiddlePull } from '#worker/hypervisor/libvirt/snapshot/pull-middle.ts'
import { reclaimFiles } from '#worker/hypervisor/libvirt/snapshot/reclaim.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import { readDiskImages } from '#worker/hypervisor/libvirt/xml/disk-images.ts'
import { stretchOf } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aPausedVm, aRunningVm, domainOf, filesOf } from './node-vms.ts'
import { Cut, cutRevertDeps } from './revert-cut.ts'
import { snapshotTree } from './snapshot-tree.ts'
import { doAsTold, untilReclaimed } from './until-reclaimed.ts'

const unavailable = libvirtAvailable()
const program = fileURLToPath(new URL('reclaiming-worker.ts', import.meta.url))
const mib = 2 ** 20

/** What is written before each snapshot and after the last, MiB: `b` deleted, its data goes up into the file of `c`. */
const sizes = [2, 2, 100, 2]

describe.skipIf(unavailable)(`a merge in the middle${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.addImage('base.img', 2 ** 26)
  })
  afterAll(() => node?.close())

  async function aTree(make: (node: LibvirtNode) => Promise<string> = aRunningVm, written = sizes) {
    const tree = snapshotTree(node, await make(node), { leaks: true })
    for (const [index, name] of ['a', 'b', 'c', null].entries()) {
      await tree.write(stretchOf(0, 1, 10 + index), stretchOf(128 * (index + 1), written[index] ?? 0, 20 + index))
      if (name !== null) await tree.take(name)
    }
    return tree
  }

  /** The files below the one that is written to, as both see them. */
  async function chains(vmId: string) {
    const dom = await domainOf(node, vmId)
    const [disk] = await readQemuDisks(node.connection, dom)
    const { below } = readDiskImages(await readLiveXml(node.connection, dom), 'vda')
    return { libvirt: below, qemu: disk?.chain.slice(1) ?? [] }
  }

  async function expectWholeAndAgreed(tree: ReturnType<typeof snapshotTree>) {
    await tree.expectReclaimed()
    const { libvirt, qemu } = await chains(tree.vmId)
    expect(libvirt).toEqual(qemu)
  }

  test.for([
    { state: 'running', make: aRunningVm },
    { state: 'paused', make: aPausedVm },
  ] as const)('copies the smaller side, and libvirt knows the files that are left: $state', async ({ make }) => {
    const tree = await aTree(make)
    const volume = tree.volumeOf('c')
    const { copiedBytes } = await tree.delete('b')
    expect(copiedBytes).toBeLessThan(8 * mib)
    expect(tree.volumeOf('c')).toBe(volume)
    await expectWholeAndAgreed(tree)
  })

  test.for([
    { base: 'nothing', disk: { sizeGib: 1 } },
    { base: 'a base image', disk: { baseImage: 'base.img', sizeGib: 1 } },
  ])('brings the lowest file up that stands on $base', async ({ disk }) => {
    const tree = await aTree((on) => aRunningVm(on, { disks: [disk] }), [2, 100, 2, 2])
    const { copiedBytes } = await tree.delete('a')
    expect(copiedBytes).toBeLessThan(8 * mib)
    await expectWholeAndAgreed(tree)
  })

  test('copies the larger side where that is less work: no more than 64 MiB beyond the smaller one', async () => {
    const tree = await aTree(aRunningVm, [2, 2, 20, 2])
    const { copiedBytes } = await tree.delete('b')
    expect(copiedBytes).toBeGreaterThan(20 * mib)
    expect(copiedBytes).toBeLessThan(24 * mib)
    await expectWholeAndAgreed(tree)
  })

  test.for(['worker', 'libvirtd', 'QEMU'] as const)(
    'that libvirt has not followed yet is brought to its end after kill -9: %s',
    async (killed) => {
      const tree = await aTree()
      tree.drop('b')
      const { log: _, ...options } = node.options
      const request = { vmId: tree.vmId, keep: tree.keep() }
      const worker = spawn(process.execPath, [program, JSON.stringify({ options, request })], { stdio: 'ignore' })
      const exited = once(worker, 'exit')
      const depths = async () => {
        const { libvirt, qemu } = await chains(tree.vmId)
        return { libvirt: libvirt.length, qemu: qemu.length }
      }
      await expect.poll(depths, { interval: 5, timeout: 60_000 }).toEqual({ libvirt: 3, qemu: 2 })
      if (killed === 'worker') worker.kill('SIGKILL')
      if (killed === 'libvirtd') await node.host.kill('SIGKILL')
      if (killed === 'QEMU') process.kill(qemuPid(tree.vmId), 'SIGKILL')
      if (killed === 'libvirtd') await node.host.restart()
      await exited
      await untilReclaimed(tree).catch((error) => doAsTold(node, tree, error))
      if (killed !== 'QEMU') return expectWholeAndAgreed(tree)
      await expect.poll(async () => (await node.hypervisor.observeVm(tree.vmId))?.state).toBe('STOPPED')
      await tree.expectReclaimed()
      await node.hypervisor.startVm(tree.vmId)
      await tree.expectReclaimed()
    },
  )

  test('that libvirt refuses to follow leaves no more files with each attempt, and is done when it follows', async () => {
    const tree = await aTree()
    tree.drop('b')
    const request = { vmId: tree.vmId, keep: tree.keep() }
    const deps = cutRevertDeps(node, new Cut(Infinity, 'before'))
    const refusing: LibvirtConnection = {
      ...deps.connection,
      call(procedure, args, options) {
        if (procedure.name === remote.domainBlockCopy.name) return Promise.reject(new Error('no copy'))
        return deps.connection.call(procedure, args, options)
      },
    }
    const counts: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(reclaimFiles({ ...deps, slowConnection: refusing }, request)).rejects.toThrow('no copy')
      counts.push((await filesOf(node, tree.vmId)).length)
    }
    expect(new Set(counts).size, counts.join()).toBe(1)
    await untilReclaimed(tree)
    await expectWholeAndAgreed(tree)
  })

  test('that an earlier attempt has just begun is brought to its end', async () => {
    const tree = await aTree()
    const [child, parent] = [tree.volumeOf('c'), tree.volumeOf('b')]
    const pathOf = (volume: string) => path.join(node.options.poolDirectory, volume)
    await reclaimJournal(node.options.stateDirectory).addMerge(tree.vmId, { kind: 'pull', child, parent })
    const dom = await domainOf(node, tree.vmId)
    await startMiddlePull(node.connection, dom, 'vda', pathOf(child), pathOf(parent))
    await tree.delete('b')
    await expectWholeAndAgreed(tree)
  })
})
