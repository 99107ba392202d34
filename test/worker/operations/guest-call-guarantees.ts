import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { type GuestAnswer, type GuestCall, type GuestRequest, guestCallRules } from '#db/guest-call.ts'
import { readGuestAnswer, recordGuestCall } from '#db/stored-guest-calls.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedCall } from '#worker/hypervisor/simulated/options.ts'
import { sentinels } from '#worker/hypervisor/simulated/sentinels.ts'
import { type Attempt, aVmOnNode, db, perform } from './harness.ts'

interface CallUnderTest<K extends GuestCall> {
  kind: K
  /** Of the hypervisor. */
  call: SimulatedCall
  request: GuestRequest<K>
  answer: GuestAnswer<K>
  arrange?(hypervisor: SimulatedHypervisor, vmId: string): Promise<unknown>
}

/** What holds for everything that an operation asks of a guest. */
export function holdsTheGuestGuarantees<K extends GuestCall>(subject: CallUnderTest<K>): void {
  const { kind, request } = subject
  const { isRepeatable, isSecret } = guestCallRules[kind]

  /** An operation on a running guest, and how often it was asked; `fault` is thrown by the first call, before or after. */
  async function arrange(fault?: { moment: 'before' | 'after'; error: Error }, name = 'guest') {
    let asked = 0
    const hypervisor = createSimulatedHypervisor({
      shutdownMs: 1,
      onCall(call, moment) {
        if (call !== subject.call || !armed) return
        if (moment === 'before') asked++
        if (fault?.moment === moment && asked === 1) throw fault.error
      },
    })
    let armed = false
    const vm = await aVmOnNode(hypervisor, 'RUNNING', { name: `${name}-${crypto.randomUUID().slice(0, 8)}` })
    if (name !== sentinels.hasNoAgent) await subject.arrange?.(hypervisor, vm.id)
    armed = true
    const operation = await anOperation(db, vm, kind, { input: { vmId: vm.id } })
    await recordGuestCall(db, testSecretBox, { operationId: operation.id, kind }, request)
    const run = (attempt: Partial<Attempt> = {}) => perform(operation, { hypervisor, ...attempt })
    const answer = () => readGuestAnswer(db, testSecretBox, { operationId: operation.id, kind })
    return { vm, operation, run, answer, asked: () => asked }
  }

  test('it is asked and answered', async () => {
    const { run, answer, asked } = await arrange()
    expect(await run()).toMatchObject({ status: 'succeeded', attempt: 1, error: null })
    expect(await answer()).toEqual(subject.answer)
    expect(asked()).toBe(1)
  })

  test('what may be secret is in no row as it is, and what was asked is gone with the answer', async () => {
    const { run, operation, vm } = await arrange()
    const rows = async () => {
      const [stored] = await db.sql`select * from guest_calls where operation_id = ${operation.id}`
      const history = await db.sql`select * from events where vm_id = ${vm.id}`
      const [row] = await db.sql`select * from operations where id = ${operation.id}`
      return { stored, all: JSON.stringify([stored, history, row]) }
    }
    const before = await rows()
    await run()
    const after = await rows()
    expect(after.stored).toMatchObject({ request: null })
    for (const { all } of [before, after]) expect(all).not.toContain('hush')
    if (isSecret) expect(JSON.stringify(before.stored)).not.toContain(JSON.stringify(request).slice(1, -1))
  })

  test('a worker that is lost once the guest has answered asks nothing again', async () => {
    const { run, answer, asked } = await arrange()
    let lost = false
    const at = (_: string, moment: string) => {
      if (moment !== 'after' || lost) return
      lost = true
      throw new AppError('unavailable', 'lost')
    }
    expect(await run({ at })).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await answer()).toEqual(subject.answer)
    expect(asked()).toBe(1)
  })

  test.each(['before', 'after'] as const)(
    `a call that finds its server away %s it took effect is ${isRepeatable ? 'made again' : 'not made again'}`,
    async (moment) => {
      const { run, answer, asked } = await arrange({ moment, error: new AppError('unavailable', 'away') })
      const ended = await run()
      expect(ended).toMatchObject(
        isRepeatable ? { status: 'succeeded', attempt: 2 } : { status: 'failed', error: { code: 'aborted' } },
      )
      expect(asked()).toBe(isRepeatable ? 2 : 1)
      expect(await answer()).toEqual(isRepeatable ? subject.answer : null)
    },
  )

  test('a failure leaves the VM as it was', async () => {
    const { run, vm } = await arrange({ moment: 'before', error: new AppError('not_found', 'nothing there') })
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'not_found', message: 'nothing there' } })
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '' })
  })

  test('an error that nobody foresaw is shown as internal, and nothing else of it', async () => {
    const { run } = await arrange({ moment: 'before', error: new TypeError('hush') })
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'internal', message: 'Internal error' } })
  })

  test('a guest without an agent is told of at once', async () => {
    const { run, answer } = await arrange(undefined, sentinels.hasNoAgent)
    const ended = await run()
    if (kind === 'agent.ping') expect(await answer()).toMatchObject({ connected: false })
    else expect(ended).toMatchObject({ status: 'failed', error: { code: 'failed_precondition' } })
  })

  test('a worker that stops leaves it to the next one, which asks again where that changes nothing', async () => {
    const stopping = new AbortController()
    const { run, asked } = await arrange({ moment: 'before', error: new Error('hush') })
    const at = (_: string, moment: string) => {
      if (moment === 'before') stopping.abort()
    }
    expect(await run({ at, signal: stopping.signal })).toMatchObject({ status: 'queued' })
    expect(asked()).toBe(1)
    const interrupted = { status: 'failed', error: { reason: 'GUEST_CALL_INTERRUPTED' } }
    expect(await run()).toMatchObject(isRepeatable ? { status: 'succeeded' } : interrupted)
  })

  if (!isRepeatable) {
    test('what another worker has begun is not begun again', async () => {
      const { run, operation, asked } = await arrange()
      await db.sql`update guest_calls set begun_at = now() where operation_id = ${operation.id}`
      expect(await run()).toMatchObject({ status: 'failed', error: { reason: 'GUEST_CALL_INTERRUPTED' } })
      expect(asked()).toBe(0)
    })
  }
}

/** A file that is there for who reads it. */
export const writeGuestFile = (hypervisor: SimulatedHypervisor, vmId: string, path: string, text: string) =>
  hypervisor.writeGuestFile(
    { vmId, path, data: Buffer.from(text), mode: null, createParents: false },
    new AbortController().signal,
  )
