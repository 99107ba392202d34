import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { copyFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppError } from '#db/errors.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readInactiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { discardSnapshot } from '#worker/hypervisor/libvirt/snapshot/abandoned.ts'
import { createSnapshot } from '#worker/hypervisor/libvirt/snapshot/create.ts'
import { memoryVolume, overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { expectInFile, openBehindLibvirt, switchBehindLibvirt, writeAsGuest } from '../faults/behind-libvirt.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm, domainOf, filesOf, snapshotOf, sourcesOf } from './node-vms.ts'
import { Cut, cutRevertDeps } from './revert-cut.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a snapshot that was cut off${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const inPool = (file: string) => path.join(node.options.poolDirectory, file)

  test.for([
    { state: 'running', make: aRunningVm, includeMemory: false },
    { state: 'running', make: aRunningVm, includeMemory: true },
    { state: 'stopped', make: aVm, includeMemory: false },
  ])('and left files is taken all the same: $state, with memory: $includeMemory', async ({ make, includeMemory }) => {
    const vmId = await make(node)
    const request = snapshotOf(vmId, { includeMemory })
    const overlay = overlayVolume(vmId, 'vda', request.snapshotId)
    await copyFile(inPool(`${vmId}.vda.qcow2`), inPool(overlay))
    await writeFile(inPool(memoryVolume(vmId, request.snapshotId)), 'half of it')
    const taken = await node.hypervisor.createSnapshot(request)
    const files = [overlay, `${vmId}.vda.qcow2`, ...(taken.memoryVolume ? [taken.memoryVolume] : [])]
    expect(await filesOf(node, vmId)).toEqual(files.sort())
    expect((await sourcesOf(node, vmId)).inactive).toEqual([inPool(overlay)])
  })

  test('and is given up leaves nothing, and takes nothing that is in use', async () => {
    const vmId = await aRunningVm(node)
    const request = snapshotOf(vmId, { includeMemory: true })
    const kept = await node.hypervisor.createSnapshot(request)
    const failed = randomUUID()
    await writeFile(inPool(overlayVolume(vmId, 'vda', failed)), 'half of it')
    await writeFile(inPool(memoryVolume(vmId, failed)), 'half of it')
    const expected = [`${vmId}.vda.qcow2`, overlayVolume(vmId, 'vda', request.snapshotId), kept.memoryVolume].sort()
    for (let time = 0; time < 2; time++) {
      await node.hypervisor.discardSnapshot(vmId, failed)
      expect(await filesOf(node, vmId)).toEqual(expected)
    }
  })

  test('does not lose the file that a running VM writes to when it is given up after all', async () => {
    const vmId = await aRunningVm(node)
    const request = snapshotOf(vmId)
    await node.hypervisor.createSnapshot(request)
    await node.hypervisor.discardSnapshot(vmId, request.snapshotId)
    expect(await filesOf(node, vmId)).toContain(overlayVolume(vmId, 'vda', request.snapshotId))
  })

  test('and of which only the inactive definition is missing is completed', async () => {
    const vmId = await aRunningVm(node)
    const dom = await domainOf(node, vmId)
    const before = await readInactiveXml(node.connection, dom)
    const request = snapshotOf(vmId)
    const taken = await node.hypervisor.createSnapshot(request)
    await node.connection.call(remote.domainDefineXmlFlags, { xml: before, flags: 0 })
    expect(await node.hypervisor.createSnapshot(request)).toEqual(taken)
    const overlay = inPool(overlayVolume(vmId, 'vda', request.snapshotId))
    expect(await sourcesOf(node, vmId)).toEqual({ live: [overlay], inactive: [overlay], qemu: [overlay] })
  })

  test('is remembered as what it was when the VM has stopped since', async () => {
    const vmId = await aRunningVm(node)
    const request = snapshotOf(vmId, { includeMemory: true })
    const taken = await node.hypervisor.createSnapshot(request)
    await node.hypervisor.destroyVm(vmId)
    expect(await node.hypervisor.createSnapshot(request)).toEqual(taken)
  })

  test('behind libvirt’s back keeps every byte: QEMU’s overlay is committed, then the snapshot is taken', async () => {
    const vmId = await aPausedVm(node)
    const earlier = snapshotOf(vmId)
    await node.hypervisor.createSnapshot(earlier)
    const frozen = overlayVolume(vmId, 'vda', earlier.snapshotId)
    const request = snapshotOf(vmId)
    const lost = overlayVolume(vmId, 'vda', request.snapshotId)
    await switchBehindLibvirt(node, vmId, inPool(frozen), inPool(lost))
    await writeAsGuest(node, vmId, 0x5a, 0)
    expect((await sourcesOf(node, vmId)).live).not.toEqual((await sourcesOf(node, vmId)).qemu)

    const taken = await node.hypervisor.createSnapshot(request)
    expect(taken.disks).toEqual([{ target: 'vda', volume: frozen }])
    expect(await sourcesOf(node, vmId)).toEqual({
      live: [inPool(lost)],
      inactive: [inPool(lost)],
      qemu: [inPool(lost)],
    })
    await node.hypervisor.destroyVm(vmId)
    expectInFile(inPool(frozen), 0x5a, 0)
    expectInFile(inPool(`${vmId}.vda.qcow2`), 0, 0)
    await node.hypervisor.startVm(vmId)
  })

  test('before its overlay was used leaves no open overlay in the way of the next', async () => {
    const vmId = await aRunningVm(node)
    const request = snapshotOf(vmId)
    const overlay = inPool(overlayVolume(vmId, 'vda', request.snapshotId))
    await openBehindLibvirt(node, vmId, inPool(`${vmId}.vda.qcow2`), overlay, 'libvirt-2')
    const taken = await node.hypervisor.createSnapshot(request)
    expect(taken.kind).toBe('disk-only')
    const nodes = await readQemuNodes(node.connection, await domainOf(node, vmId))
    expect(nodes.filter((open) => open.file.includes(request.snapshotId))).toHaveLength(2)
  })

  test('while it saved memory leaves no guest standing still, whoever comes next', async () => {
    const deps = cutRevertDeps(node, new Cut(Number.POSITIVE_INFINITY, 'before'))
    for (const comesNext of ['worker', 'attempt', 'undo'] as const) {
      const vmId = await aRunningVm(node)
      const request = snapshotOf(vmId, { includeMemory: true })
      const { snapshotId } = request
      const entry = { vmId, snapshotId, kind: 'memory', consistency: 'memory', effectiveCpu: null } as const
      await deps.journal.write({ ...entry, notice: null, freeze: null, pauses: true, settled: false })
      await node.connection.call(remote.domainSuspend, { dom: await domainOf(node, vmId) })
      if (comesNext === 'worker') await node.reopen()
      if (comesNext === 'attempt') await createSnapshot(deps, request)
      if (comesNext === 'undo') await discardSnapshot(deps, vmId, snapshotId)
      expect((await node.hypervisor.observeVm(vmId))?.state, comesNext).toBe('RUNNING')
    }
  })

  test('by a libvirtd that is killed at any moment is taken once, by trying again', { timeout: 300_000 }, async () => {
    const vmId = await aRunningVm(node)
    const outcomes: string[] = []
    for (let delayMs = 0; delayMs < 160; delayMs += 10) {
      const request = snapshotOf(vmId, { includeMemory: delayMs % 20 === 0 })
      const first = node.hypervisor.createSnapshot(request).then(
        () => 'taken',
        (error: AppError) => error.code,
      )
      await sleep(delayMs)
      await node.host.kill('SIGKILL')
      await node.host.restart()
      outcomes.push(await first)
      const taken = await eventually(() => node.hypervisor.createSnapshot(request))
      const overlay = inPool(overlayVolume(vmId, 'vda', request.snapshotId))
      expect(taken.kind).toBe(request.includeMemory ? 'memory' : 'disk-only')
      expect(await sourcesOf(node, vmId)).toEqual({ live: [overlay], inactive: [overlay], qemu: [overlay] })
      await eventuallyRunning(vmId)
    }
    expect(outcomes, 'no attempt was cut off: nothing was proved').toContain('unavailable')
    execFileSync('qemu-img', ['check', '-q', '-U', (await sourcesOf(node, vmId)).inactive[0] ?? ''])
  })

  async function eventually<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        if ((error as AppError).code !== 'unavailable' || attempt > 50) throw error
        await sleep(100)
      }
    }
  }

  async function eventuallyRunning(vmId: string): Promise<void> {
    await expect.poll(async () => (await node.hypervisor.observeVm(vmId))?.state, { timeout: 10_000 }).toBe('RUNNING')
  }
})
