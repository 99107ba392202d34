import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type TestContext, test, vi } from 'vitest'
import { quiesceCalls } from '#worker/hypervisor/libvirt/freeze/calls.ts'
import { holdFiles } from '#worker/hypervisor/libvirt/freeze/hold-files.ts'
import { createHolds, type Holds } from '#worker/hypervisor/libvirt/freeze/holds.ts'
import { createThawLine } from '#worker/hypervisor/libvirt/freeze/thaw-line.ts'
import type { Guard } from '#worker/hypervisor/libvirt/guard.ts'
import { snapshotJournal } from '#worker/hypervisor/libvirt/snapshot/journal.ts'
import { createSettlements } from '#worker/hypervisor/libvirt/snapshot/settle.ts'
import { vmLocks } from '#worker/hypervisor/libvirt/vm-locks.ts'
import { aScriptedGuest } from './scripted-guest.ts'

const uncancelled = new AbortController().signal
const log = { info: () => {}, warn: () => {} }

async function aNode(onTestFinished: TestContext['onTestFinished']) {
  const stateDirectory = await mkdtemp(path.join(tmpdir(), 'qx-'))
  onTestFinished(() => rm(stateDirectory, { recursive: true }))
  const vmId = randomUUID()
  const guest = aScriptedGuest(vmId)
  const journal = snapshotJournal(stateDirectory)

  async function startWorker(runPostThaw: () => Promise<string | null>) {
    const connection = await guest.connect()
    const thawLine = createThawLine(guest.connect)
    const holds = createHolds({ connection, thawLine, files: holdFiles(stateDirectory), runPostThaw, log })
    return { connection, thawLine, holds }
  }

  function callsOf({ connection, thawLine, holds }: Awaited<ReturnType<typeof startWorker>>, alone: Guard) {
    const settlements = createSettlements({ connection, thawLine, pool: null as never, journal, log })
    const execute = () => Promise.reject(new Error('no scripts'))
    const deps = { connect: guest.connect, connection, journal, settlements, holds, execute }
    return quiesceCalls(deps, { ofVm: (_, work) => work, alone })
  }

  const requestOf = (timeoutSeconds: number) => ({
    ...{ vmId, mountPoints: [], timeoutSeconds, runPreFreezeScripts: false },
  })
  const held = () => readdir(path.join(stateDirectory, 'freezes'))
  return { vmId, guest, startWorker, callsOf, requestOf, held }
}

const atOnce: Guard = (_, work) => work()

test('a guest whose worker was killed after its thaw is not thawed again, and its scripts are run to their end', async ({
  onTestFinished,
}) => {
  const { vmId, guest, startWorker, callsOf, requestOf, held } = await aNode(onTestFinished)
  const begun = Promise.withResolvers<void>()
  const killed = await startWorker(() => {
    begun.resolve()
    return new Promise(() => {})
  })
  const calls = callsOf(killed, atOnce)
  const { token } = await calls.quiesceFilesystems(requestOf(60), uncancelled)
  void calls.thawFilesystems({ vmId, token, runPostThawScripts: true }, uncancelled)
  await begun.promise
  // By somebody else.
  guest.isFrozen = true
  const scripts: string[] = []
  const next = await startWorker(async () => {
    scripts.push('post-thaw')
    return null
  })
  await next.holds.resume()
  expect(guest).toMatchObject({ isFrozen: true, thaws: 1 })
  expect(scripts).toEqual(['post-thaw'])
  expect(await held()).toEqual([])
})

test('a call that is cancelled just before its answer leaves no frozen guest', async ({ onTestFinished }) => {
  const { guest, startWorker, callsOf, requestOf, held } = await aNode(onTestFinished)
  const cancelling = new AbortController()
  const worker = await startWorker(async () => null)
  const holds: Holds = {
    ...worker.holds,
    async update(before, after) {
      const stands = await worker.holds.update(before, after)
      cancelling.abort()
      return stands
    },
  }
  const calls = callsOf({ ...worker, holds }, atOnce)
  await expect(calls.quiesceFilesystems(requestOf(60), cancelling.signal)).rejects.toMatchObject({ name: 'AbortError' })
  expect(guest).toMatchObject({ isFrozen: false, thaws: 1 })
  expect(await held()).toEqual([])
})

test('the time of a freeze runs from when it was asked for, also while other work has the VM', async ({
  onTestFinished,
}) => {
  const { vmId, guest, startWorker, callsOf, requestOf, held } = await aNode(onTestFinished)
  const worker = await startWorker(async () => null)
  onTestFinished(() => worker.holds.close())
  const otherWork = Promise.withResolvers<void>()
  const locks = vmLocks()
  void locks.exclusive(vmId, () => otherWork.promise)
  const calls = callsOf(worker, locks.exclusive)
  const tooLate = expect(calls.quiesceFilesystems(requestOf(0.001), uncancelled)).rejects.toMatchObject({
    code: 'deadline_exceeded',
    reason: 'GUEST_FREEZE_TIMED_OUT',
  })
  const asked = calls.quiesceFilesystems(requestOf(60), uncancelled)
  const askedBy = Date.now()
  await vi.waitUntil(() => Date.now() > askedBy + 1)
  otherWork.resolve()
  await tooLate
  expect(Date.parse((await asked).deadlineAt)).toBeLessThanOrEqual(askedBy + 60_000)
  expect(guest.isFrozen).toBe(true)
  expect(await held()).toHaveLength(1)
})
