import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { freeze, isFrozen, thaw } from '#worker/hypervisor/libvirt/freeze/freeze.ts'
import { correctClock } from '#worker/hypervisor/libvirt/guest-clock.ts'
import { qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import {
  type JournalEntry,
  type JournaledFreeze,
  snapshotJournal,
} from '#worker/hypervisor/libvirt/snapshot/journal.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm, domainOf, filesOf, snapshotOf } from '../hypervisor/node-vms.ts'
import { addLinuxIso, linuxSpec } from './linux-guest.ts'

const unavailable = libvirtAvailable()
const required = { policy: 'require', timeoutSeconds: 60 } as const
const preferred = { policy: 'prefer', timeoutSeconds: 60 } as const

describe.skipIf(unavailable)(`a quiesced snapshot${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let vmId: string
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await addLinuxIso(node)
    vmId = await aRunningVm(node, linuxSpec)
    // The guest makes and mounts its file system before it starts the agent.
    await vi.waitUntil(isConnected, { timeout: 60_000 })
    await vi.waitUntil(async () => !(await frozen().catch(() => true)), { timeout: 30_000 })
  })
  afterAll(() => node?.close())
  afterEach(async () => expect(await frozen(), 'the guest was left frozen').toBe(false))

  const isConnected = async () => (await node.hypervisor.observeVm(vmId))?.guestAgentConnected === true
  const frozen = async () => isFrozen(node.connection, await domainOf(node, vmId))
  const journal = () => snapshotJournal(node.options.stateDirectory)

  /** Starts a shell script in the guest. */
  async function inGuest(script: string): Promise<void> {
    const exec = { execute: 'guest-exec', arguments: { path: '/bin/busybox', arg: ['sh', '-c', script] } }
    const args = { dom: await domainOf(node, vmId), cmd: JSON.stringify(exec), timeout: 10, flags: 0 }
    await node.connection.call(qemu.domainAgentCommand, args)
  }

  test('is of a frozen guest, which is thawed afterwards, and says what was frozen and for how long', async () => {
    const request = snapshotOf(vmId, { quiesce: required })
    const start = performance.now()
    const taken = await node.hypervisor.createSnapshot(request)
    expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced', notice: null })
    expect(taken.freeze?.fileSystems).toEqual(['/disk'])
    expect(taken.freeze?.durationMs).toBeGreaterThan(0)
    expect(taken.freeze?.durationMs).toBeLessThanOrEqual(performance.now() - start)
    expect(await frozen()).toBe(false)
    expect(await node.hypervisor.createSnapshot(request)).toEqual(taken)
  })

  test('leaves no guest frozen when its worker is killed, and is labelled by what was seen', async () => {
    let foundFrozen = 0
    // On a machine that is loaded the guest may be thawed again before the worker is killed.
    for (let time = 0; time < 4 || (foundFrozen === 0 && time < 12); time++) {
      const request = snapshotOf(vmId, { quiesce: required })
      const worker = await startWorker(request)
      await vi.waitUntil(async () => (await journal().read(vmId, request.snapshotId))?.freeze?.frozenAt, {
        timeout: 30_000,
        interval: 1,
      })
      await worker.kill()
      const killed = performance.now()
      if (await frozen()) foundFrozen++
      const restarted = await node.reopen()
      expect(await frozen()).toBe(false)
      expect(performance.now() - killed).toBeLessThan(10_000)
      const taken = await restarted.createSnapshot(request).catch((error) => error)
      if (taken.reason === undefined) expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced' })
      else expect(taken.reason).toBe('GUEST_THAWED_TOO_EARLY')
    }
    expect(foundFrozen, 'no worker was killed while its guest was frozen: nothing was proved').toBeGreaterThan(0)
  })

  test('is known as quiesced when its worker is killed before the thaw', async () => {
    const request = snapshotOf(vmId)
    const dom = await domainOf(node, vmId)
    await freeze(node.connection, dom, 10)
    await node.hypervisor.createSnapshot(request)
    await journal().write(aFrozen(request, dom.id))
    const next = await node.reopen()
    const taken = await next.createSnapshot({ ...request, quiesce: required })
    expect(taken.consistency).toBe('quiesced')
    expect(await frozen()).toBe(false)
  })

  test('is refused for a guest that somebody else froze, and leaves it frozen', async () => {
    const dom = await domainOf(node, vmId)
    await freeze(node.connection, dom, 10)
    await expect(node.hypervisor.createSnapshot(snapshotOf(vmId, { quiesce: required }))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'GUEST_ALREADY_FROZEN',
    })
    const taken = await node.hypervisor.createSnapshot(snapshotOf(vmId, { quiesce: preferred }))
    expect(taken).toMatchObject({ consistency: 'crash', notice: expect.stringContaining('frozen already') })
    expect(await frozen()).toBe(true)
    await node.connection.call(remote.domainFsthaw, { dom, mountpoints: [], flags: 0 })
  })

  test('that is preferred is crash-consistent, and says why, of a VM that is paused or has no agent', async () => {
    for (const [make, why] of [
      [aPausedVm, 'paused'],
      [aRunningVm, 'guest agent is not connected'],
    ] as const) {
      const other = await make(node)
      await expect(node.hypervisor.createSnapshot(snapshotOf(other, { quiesce: required }))).rejects.toMatchObject({
        code: 'failed_precondition',
        message: expect.stringContaining(why),
      })
      expect(await filesOf(node, other)).toEqual([`${other}.vda.qcow2`])
      const request = snapshotOf(other, { quiesce: preferred })
      const taken = await node.hypervisor.createSnapshot(request)
      expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'crash', freeze: null })
      expect(taken.notice).toContain(why)
      expect(await node.hypervisor.createSnapshot(request)).toEqual(taken)
    }
  })

  test('of a stopped VM is an offline one, whichever is asked for', async () => {
    for (const quiesce of [required, preferred]) {
      const taken = await node.hypervisor.createSnapshot(snapshotOf(await aVm(node), { quiesce }))
      expect(taken).toMatchObject({ kind: 'offline', consistency: 'offline', freeze: null, notice: null })
    }
  })

  test('tells of an agent that comes and goes', async () => {
    const seen: unknown[] = []
    const stop = node.hypervisor.onVmEvent(async (event) => {
      if (event.vmId === vmId) seen.push((await node.hypervisor.observeVm(vmId))?.guestAgentConnected)
    })
    // Its shell loop starts it again a second later.
    await inGuest('killall qemu-ga')
    await vi.waitUntil(() => seen.includes(false) && seen.at(-1) === true, { timeout: 20_000 })
    stop()
  })

  test("sets a guest's clock that is behind to the node's, and says so of one that cannot be set", async () => {
    const dom = await domainOf(node, vmId)
    const behind = async () =>
      Date.now() / 1000 - Number((await node.connection.call(remote.domainGetTime, { dom, flags: 0 })).seconds)
    const anHourAgo = BigInt(Math.floor(Date.now() / 1000) - 3600)
    await node.connection.call(remote.domainSetTime, { dom, seconds: anHourAgo, nseconds: 0, flags: 0 })
    expect(await behind()).toBeGreaterThan(3000)
    const { offsetSeconds, ...corrected } = await correctClock(node.connection, dom, 'it was paused')
    expect(corrected).toMatchObject({ corrected: true, source: 'node' })
    expect(offsetSeconds).toBeLessThan(-3590)
    expect(offsetSeconds).toBeGreaterThan(-3620)
    expect(Math.abs(await behind())).toBeLessThan(10)
    const without = await domainOf(node, await aRunningVm(node))
    expect(await correctClock(node.connection, without, 'it was paused')).toMatchObject({
      corrected: false,
      message: expect.stringContaining('no guest agent is connected'),
    })
  })

  test('is refused while the agent hangs, and a freeze that it was asked for is thawed when it goes on', async () => {
    const before = await filesOf(node, vmId)
    const dom = await domainOf(node, vmId)
    await inGuest('killall -STOP qemu-ga; sleep 12; killall -CONT qemu-ga')
    const hangs = async () => {
      try {
        await freeze(node.connection, dom, 1)
        await thaw(node.connection, dom)
        return false
      } catch {
        return true
      }
    }
    await vi.waitUntil(hangs, { timeout: 5_000 })
    const entry = aFrozen(snapshotOf(vmId), dom.id, { frozenAt: null })
    await journal().write(entry)
    const next = await node.reopen()
    await expect(next.createSnapshot(snapshotOf(vmId, { quiesce: required }))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'GUEST_AGENT_NOT_RESPONDING',
    })
    expect(await filesOf(node, vmId)).toEqual(before)
    const settled = async () => (await journal().read(vmId, entry.snapshotId))?.settled
    await expect.poll(settled, { timeout: 30_000 }).toBe(true)
  })

  const aFrozen = (
    { snapshotId }: SnapshotRequest,
    domainId: number,
    parts: Partial<JournaledFreeze> = {},
  ): JournalEntry => {
    const now = new Date().toISOString()
    return {
      ...{ vmId, snapshotId, kind: 'disk-only', consistency: 'crash', notice: null, effectiveCpu: null },
      freeze: {
        ...{ domainId, deadlineAt: now, askedAt: now, frozenAt: now, fileSystems: [], takenAt: null, thawedAt: null },
        ...parts,
      },
      ...{ pauses: false, settled: false },
    }
  }

  async function startWorker(request: SnapshotRequest) {
    const { log: _, ...options } = node.options
    const script = fileURLToPath(new URL('quiesce-worker.ts', import.meta.url))
    const child = spawn(process.execPath, [script, JSON.stringify([options, request])], { stdio: 'ignore' })
    const exited = once(child, 'exit')
    return {
      async kill() {
        child.kill('SIGKILL')
        await exited
      },
    }
  }
})
