import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { QuiesceRequest } from '#worker/hypervisor/agent-calls.ts'
import type { GuestsUnderTest } from './agent-contract.ts'

const uncancelled = new AbortController().signal

/** What every hypervisor promises of a guest that a token holds frozen. */
export function describeQuiesce(open: () => Promise<GuestsUnderTest>): void {
  describe('a guest that is frozen with a token', () => {
    let guests: GuestsUnderTest
    beforeAll(async () => {
      guests = await open()
    })

    const quiesce = (parts: Partial<QuiesceRequest> = {}, signal = uncancelled) =>
      guests.hypervisor.quiesceFilesystems(
        { vmId: guests.vmId, mountPoints: [], timeoutSeconds: 60, runPreFreezeScripts: false, ...parts },
        signal,
      )
    const thaw = (token: string) =>
      guests.hypervisor.thawFilesystems({ vmId: guests.vmId, token, runPostThawScripts: false }, uncancelled)
    const snapshot = (includeMemory: boolean) =>
      guests.hypervisor.createSnapshot({ vmId: guests.vmId, snapshotId: randomUUID(), includeMemory, quiesce: null })
    const unknown = { code: 'failed_precondition', reason: 'QUIESCE_TOKEN_UNKNOWN' }

    test('is thawed by that token alone, once, and says what was frozen', async () => {
      const before = Date.now()
      const { token, fileSystems, deadlineAt } = await quiesce()
      const frozen = fileSystems.filter((one) => one.frozen)
      expect(frozen.length).toBeGreaterThan(0)
      expect(frozen.every(({ error }) => error === null)).toBe(true)
      expect(Math.abs(Date.parse(deadlineAt) - before - 60_000)).toBeLessThan(10_000)
      await expect(thaw(randomUUID())).rejects.toMatchObject(unknown)
      const { mountPoints, frozenMs } = await thaw(token)
      expect(mountPoints).toEqual(frozen.map(({ mountPoint }) => mountPoint))
      expect(frozenMs).toBeLessThanOrEqual(Date.now() - before)
      await expect(thaw(token)).rejects.toMatchObject(unknown)
    })

    test('makes the snapshot of its disks a quiesced one; one after the thaw is none', async () => {
      const { token } = await quiesce()
      const taken = await snapshot(false)
      expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced', notice: null })
      const { mountPoints } = await thaw(token)
      expect(taken.freeze?.fileSystems).toEqual(mountPoints)
      expect(await snapshot(false)).toMatchObject({ consistency: 'crash', freeze: null })
    })

    test('is neither paused nor saved with its memory, nor frozen again, and its agent does nothing else', async () => {
      const { token } = await quiesce()
      const frozen = { code: 'failed_precondition', reason: 'GUEST_IS_FROZEN' }
      await expect(snapshot(true)).rejects.toMatchObject(frozen)
      await expect(guests.hypervisor.pauseVm(guests.vmId)).rejects.toMatchObject(frozen)
      const force = { vmId: guests.vmId, force: false }
      await expect(guests.hypervisor.syncTime(force, uncancelled)).rejects.toMatchObject(frozen)
      await expect(quiesce()).rejects.toMatchObject({ reason: 'GUEST_ALREADY_FROZEN' })
      await thaw(token)
      await guests.hypervisor.syncTime(force, uncancelled)
    })

    test('is thawed at its deadline, and may be frozen again then', async () => {
      const { token } = await quiesce({ timeoutSeconds: 1 })
      const freezeAgain = async () => {
        const again = await quiesce()
        return again.token
      }
      const next = await vi.waitFor(freezeAgain, { timeout: 5_000 })
      await expect(thaw(token)).rejects.toMatchObject(unknown)
      await thaw(next)
    })

    test('is not frozen at a mount point that it does not have, nor for who has left', async () => {
      await expect(quiesce({ mountPoints: ['/no/such/place'] })).rejects.toMatchObject({
        code: 'invalid_argument',
        reason: 'MOUNT_POINT_NOT_FOUND',
      })
      await expect(quiesce({}, AbortSignal.abort())).rejects.toThrow()
      await guests.hypervisor.syncTime({ vmId: guests.vmId, force: false }, uncancelled)
    })

    test('runs, and has an agent', async () => {
      await expect(quiesce({ vmId: guests.stoppedVmId })).rejects.toMatchObject({ reason: 'VM_NOT_RUNNING' })
      await expect(quiesce({ vmId: guests.agentlessVmId })).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'GUEST_AGENT_NOT_CONNECTED',
      })
      await expect(quiesce({ vmId: randomUUID() })).rejects.toMatchObject({ code: 'not_found' })
    })
  })
}
