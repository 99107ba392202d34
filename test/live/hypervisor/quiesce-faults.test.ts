import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import type { Answer } from './fake-agent.ts'
import { guestWithFakeAgent, prefer, require } from './guest-with-fake-agent.ts'
import { filesOf, snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(
  `a guest that is frozen for a snapshot${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    const guest = guestWithFakeAgent()
    const { create, untilThawed, freezes, unsettled } = guest

    test('is recorded with what was frozen, and for how long', async () => {
      const start = performance.now()
      const taken = await create({ quiesce: require() })
      const tookMs = performance.now() - start
      expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced', notice: null })
      expect(taken.freeze?.fileSystems).toEqual(['/', '/data'])
      const [ms = Infinity, ...more] = freezes()
      expect(more).toEqual([])
      expect(taken.freeze?.durationMs).toBeGreaterThanOrEqual(Math.floor(ms))
      expect(taken.freeze?.durationMs).toBeLessThanOrEqual(Math.ceil(tookMs))
    })

    test.for([{ policy: 'require' as const }, { policy: 'prefer' as const }])(
      'is thawed when its agent freezes later than it was waited for: $policy',
      async ({ policy }) => {
        const freezing = Promise.withResolvers<void>()
        guest.agent.behave(async (command) => {
          if (command !== 'guest-fsfreeze-freeze') return undefined
          await freezing.promise
          return undefined
        })
        const before = await filesOf(guest.node, guest.vmId)
        const request = snapshotOf(guest.vmId, { quiesce: { policy, timeoutSeconds: 1 } })
        const outcome = await guest.node.hypervisor.createSnapshot(request).catch((error) => error)
        if (policy === 'require') {
          expect(outcome).toMatchObject({ code: 'failed_precondition', reason: 'GUEST_FREEZE_FAILED' })
          expect(await filesOf(guest.node, guest.vmId)).toEqual(before)
        } else {
          expect(outcome).toMatchObject({ kind: 'disk-only', consistency: 'crash', freeze: null })
          expect(outcome.notice).toContain('crash-consistent')
        }
        expect(guest.agent.frozen).toBe(false)
        expect(await unsettled()).toHaveLength(1)
        freezing.resolve()
        await vi.waitUntil(() => freezes().length === 1, { timeout: 10_000 })
        await untilThawed()
        expect(freezes()[0]).toBeLessThan(2_000)
        await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
        if (policy === 'prefer') expect(await guest.node.hypervisor.createSnapshot(request)).toEqual(outcome)
      },
    )

    test('is thawed when its agent says that it could not freeze, and froze all the same', async () => {
      guest.agent.behave((command) => {
        if (command !== 'guest-fsfreeze-freeze' || guest.agent.frozen) return undefined
        guest.agent.setFrozen(true)
        return { error: 'failed to freeze /data: Input/output error' }
      })
      const before = await filesOf(guest.node, guest.vmId)
      await expect(create({ quiesce: require() })).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'GUEST_FREEZE_FAILED',
        message: expect.stringContaining('failed to freeze /data'),
      })
      expect(guest.agent.frozen).toBe(false)
      expect(freezes()).toHaveLength(1)
      expect(await filesOf(guest.node, guest.vmId)).toEqual(before)
      const taken = await create({ quiesce: prefer() })
      expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'crash', freeze: null })
      expect(taken.notice).toContain('failed to freeze /data')
      expect(guest.agent.frozen).toBe(false)
    })

    test('is thawed again and again until it is seen thawed', async () => {
      const answers: Answer[] = [{ error: 'busy' }, { return: 2 }, { return: 'nonsense' }]
      guest.agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? answers.shift() : undefined))
      const taken = await create({ quiesce: require() })
      expect(answers).toEqual([])
      expect(guest.agent.frozen).toBe(false)
      expect(taken).toMatchObject({ consistency: 'quiesced', notice: null })
    })

    test('is thawed also when its agent answered nonsense', async () => {
      guest.agent.behave((command) => {
        if (command !== 'guest-fsfreeze-freeze') return undefined
        guest.agent.setFrozen(true)
        return { raw: '}{ \u0000\u00ff not json\n' }
      })
      await expect(create({ quiesce: require(2) })).rejects.toMatchObject({ reason: 'GUEST_FREEZE_FAILED' })
      guest.agent.behave(() => undefined)
      await guest.node.host.restart()
      await untilThawed()
      await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
    })

    test('is never thawed when somebody else froze it, though its agent only says that the command is forbidden', async () => {
      guest.agent.behave((command) => {
        // Between the look and the freeze, a backup program was faster.
        if (command === 'guest-get-fsinfo') guest.agent.setFrozen(true)
        return command === 'guest-fsfreeze-freeze'
          ? { error: 'Command guest-fsfreeze-freeze has been disabled: the command is not allowed' }
          : undefined
      })
      await expect(create({ quiesce: require(1) })).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'GUEST_ALREADY_FROZEN',
      })
      await guest.node.reopen()
      await sleep(1_500)
      expect(guest.agent.frozen).toBe(true)
      expect(guest.agent.asked).not.toContain('guest-fsfreeze-thaw')
    })

    test('and thaws by itself does not make a quiesced snapshot', async () => {
      const thawsEarly = () => {
        let statuses = 0
        guest.agent.behave((command) => {
          // Before the freeze, after it, after the disks were taken.
          if (command === 'guest-fsfreeze-status' && ++statuses === 3) guest.agent.setFrozen(false)
          return undefined
        })
      }
      thawsEarly()
      const request = snapshotOf(guest.vmId, { quiesce: require() })
      for (let time = 0; time < 2; time++) {
        await expect(guest.node.hypervisor.createSnapshot(request)).rejects.toMatchObject({
          reason: 'GUEST_THAWED_TOO_EARLY',
        })
      }
      thawsEarly()
      const taken = await create({ quiesce: prefer() })
      expect(taken).toMatchObject({
        consistency: 'crash',
        freeze: null,
        notice: expect.stringContaining('crash-consistent'),
      })
    })
  },
)
