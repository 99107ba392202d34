import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import type { QuiesceRequest } from '#worker/hypervisor/agent-calls.ts'
import { guestWithFakeAgent } from './guest-with-fake-agent.ts'
import { frozenByKilledWorker } from './token-freeze-killed.ts'

const unavailable = libvirtAvailable()
const signal = new AbortController().signal
const isFreeze = (command: string) => command.startsWith('guest-fsfreeze-freeze')
const toleratedMs = 2_000

describe.skipIf(unavailable)(
  `a guest that is frozen with a token, and whose agent, libvirtd or worker fails${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    const guest = guestWithFakeAgent()
    const { create, untilThawed, freezes } = guest

    const quiesce = (parts: Partial<QuiesceRequest> = {}) =>
      guest.node.hypervisor.quiesceFilesystems(
        { vmId: guest.vmId, mountPoints: [], timeoutSeconds: 60, runPreFreezeScripts: false, ...parts },
        signal,
      )
    const thaw = (token: string, hypervisor = guest.node.hypervisor) =>
      hypervisor.thawFilesystems({ vmId: guest.vmId, token, runPostThawScripts: false }, signal)
    const files = () => readdir(path.join(guest.node.options.stateDirectory, 'freezes'))
    const untilForgotten = () => expect.poll(files, { timeout: 10_000 }).toEqual([])
    /** As a guest does whose agent is started anew. */
    async function reconnect(): Promise<void> {
      guest.agent.behave(() => undefined)
      await guest.node.host.restart()
    }
    const untilAnswering = () =>
      vi.waitFor(() => quiesce().then(({ token }) => thaw(token)), { timeout: 20_000, interval: 50 })

    test('is thawed when its agent freezes later than it was waited for, and nobody has got a token', async () => {
      const freezing = Promise.withResolvers<void>()
      guest.agent.behave(async (command) => {
        if (isFreeze(command)) await freezing.promise
        return undefined
      })
      const began = performance.now()
      await expect(quiesce({ timeoutSeconds: 1 })).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'GUEST_FREEZE_FAILED',
      })
      expect(performance.now() - began).toBeLessThan(8_000)
      expect(await files()).toEqual([`${guest.vmId}.json`])
      freezing.resolve()
      await vi.waitUntil(() => freezes().length === 1, { timeout: 10_000 })
      await untilThawed()
      expect(freezes()[0]).toBeLessThan(toleratedMs)
      await untilForgotten()
    })

    test('is thawed when its agent, gone between freeze and thaw, is back, and its snapshots are no quiesced ones', async () => {
      const { token } = await quiesce({ timeoutSeconds: 1 })
      guest.agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? 'hangUp' : undefined))
      await vi.waitUntil(() => guest.agent.asked.includes('guest-fsfreeze-thaw'), { timeout: 10_000 })
      await expect(thaw(token)).rejects.toMatchObject({ reason: 'QUIESCE_TOKEN_UNKNOWN' })
      expect(await create({})).toMatchObject({ consistency: 'crash', freeze: null })
      await reconnect()
      const back = performance.now()
      await untilThawed()
      // The worker connects to libvirtd anew, and libvirtd to the agent.
      expect(performance.now() - back).toBeLessThan(toleratedMs + 3_000)
      await untilForgotten()
    })

    test('stays frozen through a restart of libvirtd, and is thawed by its token after', async () => {
      const { token } = await quiesce()
      await guest.node.host.restart()
      expect(guest.agent.frozen).toBe(true)
      await vi.waitFor(() => thaw(token), { timeout: 10_000 })
      expect(guest.agent.frozen).toBe(false)
    })

    test('is thawed when its agent answers nonsense', async () => {
      guest.agent.behave((command) => {
        if (!isFreeze(command)) return undefined
        guest.agent.setFrozen(true)
        return { return: { frozen: 'all' } }
      })
      await expect(quiesce()).rejects.toMatchObject({ reason: 'GUEST_FREEZE_FAILED' })
      expect(guest.agent.frozen).toBe(false)
      await untilForgotten()
    })

    test('is thawed when its agent sends a line of a GiB, of which libvirtd and the worker keep little', async () => {
      await untilAnswering()
      const mib = 2 ** 20
      let sentBytes = 0
      guest.agent.behave((command) => {
        if (!isFreeze(command)) return undefined
        guest.agent.setFrozen(true)
        return { endless: Buffer.alloc(mib, 'x'), upToBytes: 1024 * mib, sent: (bytes) => (sentBytes += bytes) }
      })
      const [worker, libvirtd] = [process.memoryUsage().rss, await peakBytes(guest.node.host.pid)]
      await expect(quiesce({ timeoutSeconds: 5 })).rejects.toMatchObject({ reason: 'GUEST_FREEZE_FAILED' })
      // libvirtd takes 10 MiB of an answer, and hangs up.
      expect(sentBytes).toBeGreaterThan(4 * mib)
      expect(sentBytes).toBeLessThan(64 * mib)
      expect(process.memoryUsage().rss - worker).toBeLessThan(64 * mib)
      expect((await peakBytes(guest.node.host.pid)) - libvirtd).toBeLessThan(128 * mib)
      await reconnect()
      await untilThawed()
      await untilForgotten()
    })

    test('is held on after its worker was killed: the next one labels its snapshots, and thaws it by its token', async () => {
      await untilAnswering()
      guest.agent.changes.length = 0
      const early = await frozenByKilledWorker(guest.node, guest.vmId, 60)
      expect(guest.agent.frozen).toBe(true)
      const next = await guest.node.reopen()
      const taken = await next.createSnapshot({
        ...{ vmId: guest.vmId, snapshotId: crypto.randomUUID(), includeMemory: false, quiesce: null },
      })
      expect(taken).toMatchObject({ consistency: 'quiesced' })
      const { frozenMs } = await thaw(early, next)
      expect(frozenMs).toBeGreaterThanOrEqual(Math.floor(freezes()[0] ?? Infinity))
    })

    test('is thawed when its worker stops: nobody may be there at its deadline', async () => {
      const stopping = await guest.node.reopen()
      const request = { vmId: guest.vmId, mountPoints: [], timeoutSeconds: 60, runPreFreezeScripts: false }
      await stopping.quiesceFilesystems(request, signal)
      await stopping.close()
      expect(guest.agent.frozen).toBe(false)
      await untilForgotten()
    })

    test('is held by no token when its VM has ended', async () => {
      const { token } = await quiesce()
      process.kill(qemuPid(guest.vmId), 'SIGKILL')
      await untilForgotten()
      await expect(thaw(token)).rejects.toMatchObject({ reason: 'QUIESCE_TOKEN_UNKNOWN' })
    })
  },
)

/** The most memory that a process has ever had. */
async function peakBytes(pid: number): Promise<number> {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}
