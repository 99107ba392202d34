import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AppError } from '#db/errors.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { DomainRunningReason } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { revertToSnapshot } from '#worker/hypervisor/libvirt/snapshot/revert.ts'
import type { RevertRequest, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { expectContent, stretchOf, writeDisk } from './disk-content.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, domainOf, filesOf, sourcesOf } from './node-vms.ts'
import { revertTo, take } from './revert-calls.ts'
import { Cut, cutRevertDeps, forgetHalfStarted } from './revert-cut.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a revert that was cut off${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const write = (vmId: string, value: number) => writeDisk(node, vmId, [stretchOf(0, 1, value)])

  async function expectCurrent(vmId: string, value: number): Promise<void> {
    const { live, inactive, qemu } = await sourcesOf(node, vmId)
    expect(inactive).toEqual(live)
    if (qemu.length > 0) expect(qemu).toEqual(live)
    await expectContent(node, live[0]?.split('/').at(-1) ?? '', [stretchOf(0, 1, value)])
  }

  const stateOf = async (vmId: string) => (await node.hypervisor.observeVm(vmId))?.state

  /** Cuts a revert off at every change that it makes, before and after it; resolves to how often. */
  async function cutEverywhere(
    aRequest: () => Promise<RevertRequest>,
    then: (request: RevertRequest, where: string) => Promise<void>,
  ): Promise<number> {
    for (let at = 1; ; at++) {
      for (const when of ['before', 'after'] as const) {
        const request = await aRequest()
        const cut = new Cut(at, when)
        const attempt = revertToSnapshot(cutRevertDeps(node, cut), request)
        const error = await attempt.then(
          () => null,
          (failed) => failed,
        )
        if (cut.reached === null) return at - 1
        expect(error, cut.reached).not.toBeNull()
        await then(request, `${when} ${cut.reached}`)
      }
    }
  }

  test('anywhere is completed by trying again: the memory is restored once, onto the disks of its moment', async () => {
    const vmId = await aRunningVm(node)
    await write(vmId, 1)
    const snapshot = await take(node, vmId, true)
    const changes = await cutEverywhere(
      async () => {
        await write(vmId, 2)
        return revertTo(vmId, snapshot, { keepAs: randomUUID() })
      },
      async (request, where) => {
        const hypervisor = await node.reopen()
        const { kept } = await hypervisor.revertToSnapshot(request)
        await hypervisor.close()
        expect(await stateOf(vmId), where).toBe('RUNNING')
        await expectCurrent(vmId, 1)
        expect(kept, where).toMatchObject({ kind: 'disk-only', consistency: 'crash' })
        await expectContent(node, kept?.disks[0]?.volume ?? '', [stretchOf(0, 1, 2)])
      },
    )
    expect(changes).toBeGreaterThanOrEqual(6)
  })

  test('anywhere can be undone: the VM is on the disks that were current, and runs', async () => {
    const vmId = await aRunningVm(node)
    await write(vmId, 1)
    const snapshot = await take(node, vmId)
    await write(vmId, 2)
    const files = await filesOf(node, vmId)
    const { live } = await sourcesOf(node, vmId)
    const changes = await cutEverywhere(
      async () => revertTo(vmId, snapshot, { keepAs: randomUUID(), start: true }),
      async (request, where) => {
        // Until the revert is done, nothing but its journal knows the files that were current.
        const mayBeDone = where === 'after the journal'
        if (!mayBeDone) await outcomeOf(node.hypervisor.reclaimFiles({ vmId, keep: [snapshot] }))
        for (let time = 0; time < 2; time++) await node.hypervisor.undoRevert(request)
        expect(await stateOf(vmId), where).toBe('RUNNING')
        expect((await sourcesOf(node, vmId)).live, where).toEqual(live)
        await expectCurrent(vmId, 2)
        expect(await filesOf(node, vmId), where).toEqual(files)
      },
    )
    expect(changes).toBeGreaterThanOrEqual(6)
  })

  test('after its guest ran, and lost since, begins on fresh disks: memory never meets later writes', async () => {
    const vmId = await aRunningVm(node)
    await write(vmId, 1)
    const snapshot = await take(node, vmId, true)
    const request = revertTo(vmId, snapshot)
    const restored = new Cut(5, 'after')
    await expect(revertToSnapshot(cutRevertDeps(node, restored), request)).rejects.toThrow()
    expect(restored.reached).toBe('domainRestoreFlags')
    await write(vmId, 7)
    await node.hypervisor.destroyVm(vmId)
    await node.hypervisor.revertToSnapshot(request)
    await expectCurrent(vmId, 1)
    const dom = await domainOf(node, vmId)
    const { reason } = await node.connection.call(remote.domainGetState, { dom, flags: 0 })
    expect(reason).toBe(DomainRunningReason.RESTORED)
  })

  /** A VM that runs, and one snapshot of its memory and one of its disks, which have the content 1. */
  async function aVmWithSnapshots() {
    const vmId = await aRunningVm(node)
    await write(vmId, 1)
    return { vmId, snapshots: [await take(node, vmId, true), await take(node, vmId)] }
  }

  /** Moments spread over the time that a revert takes on this machine now. */
  async function moments(vmId: string, snapshot: StoredSnapshot, count: number): Promise<number[]> {
    const begin = performance.now()
    await node.hypervisor.revertToSnapshot(revertTo(vmId, snapshot, { start: true }))
    const tookMs = performance.now() - begin
    return Array.from({ length: count }, (_, index) => (tookMs * index) / count)
  }

  const outcomeOf = (attempt: Promise<unknown>): Promise<AppError | null> =>
    attempt.then(
      () => null,
      (error: AppError) => error,
    )

  test('by a libvirtd that is killed at any moment is completed by trying again', { timeout: 300_000 }, async () => {
    const { vmId, snapshots } = await aVmWithSnapshots()
    let cutOff = 0
    for (const snapshot of snapshots) {
      for (const delayMs of await moments(vmId, snapshot, 5)) {
        await node.hypervisor.startVm(vmId)
        await write(vmId, 2)
        const request = revertTo(vmId, snapshot, { start: true })
        const attempt = outcomeOf(node.hypervisor.revertToSnapshot(request))
        await sleep(delayMs)
        await node.host.kill('SIGKILL')
        await forgetHalfStarted(node)
        await node.host.restart()
        const error = await attempt
        if (error) {
          expect(error, error.message).toMatchObject({ code: 'unavailable' })
          cutOff++
          await eventually(() => node.hypervisor.revertToSnapshot(request))
        }
        // A libvirtd that has just started tells the state of before until it has asked QEMU, for 30 s at most.
        await expect.poll(() => stateOf(vmId), { timeout: 60_000 }).toBe('RUNNING')
        await expectCurrent(vmId, 1)
      }
    }
    expect(cutOff, 'no attempt was cut off: nothing was proved').toBeGreaterThan(0)
  })

  test('by a QEMU that is killed at any moment is completed, or undone', { timeout: 120_000 }, async () => {
    const { vmId, snapshots } = await aVmWithSnapshots()
    let killed = 0
    for (const snapshot of snapshots) {
      for (const delayMs of await moments(vmId, snapshot, 5)) {
        await node.hypervisor.startVm(vmId)
        await write(vmId, 2)
        const { live } = await sourcesOf(node, vmId)
        const request = revertTo(vmId, snapshot, { start: true })
        const attempt = outcomeOf(node.hypervisor.revertToSnapshot(request))
        await sleep(delayMs)
        if (killQemu(vmId)) killed++
        const error = await attempt
        // Until libvirt has noticed, nothing can be asked of one that was killed.
        await vi.waitFor(() => sourcesOf(node, vmId), { timeout: 10_000 })
        if (error === null) {
          await expectCurrent(vmId, 1)
          continue
        }
        await node.hypervisor.undoRevert(request)
        // Killed before the revert took it away, it stays off: nobody but the killer ended it.
        expect(await stateOf(vmId)).toMatch(/RUNNING|STOPPED/)
        expect((await sourcesOf(node, vmId)).live).toEqual(live)
        await expectCurrent(vmId, 2)
      }
    }
    expect(killed, 'no QEMU was killed: nothing was proved').toBeGreaterThan(0)
  })

  /** Whether it had one at the moment. */
  function killQemu(vmId: string): boolean {
    try {
      return process.kill(qemuPid(vmId), 'SIGKILL')
    } catch {
      return false
    }
  }

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
})
