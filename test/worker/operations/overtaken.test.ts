import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { startTestApi } from '#test/api/test-api.ts'
import { eventually } from '#test/db/eventually.ts'
import { aNode, aVm, readOperation, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedCall, SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { createExecutor } from '#worker/operations/executor.ts'

const db = await createTestDatabase()
const api = await startTestApi({ database: db })
const patience = { timeoutSeconds: 600 }

/** A worker, and a VM of its node whose guest ignores what it is asked for. With one place, whoever waits must not keep it. */
async function arrange(
  onTestFinished: (end: () => Promise<void>) => void,
  { concurrency = 1, ...options }: SimulatedOptions & { concurrency?: number } = {},
) {
  const claimant = await aNode(db)
  const calls: SimulatedCall[] = []
  const hypervisor = createSimulatedHypervisor({
    onCall: (call, moment) => moment === 'before' && calls.push(call),
    ...options,
  })
  const vm = await aVm(db, claimant.nodeId, { state: 'RUNNING', name: `ignores-shutdown-${randomUUID()}` })
  await hypervisor.defineVm(definitionOf(vm))
  await hypervisor.startVm(vm.id)
  const aWorker = (epoch = claimant.epoch) => {
    const log = pino({ level: 'silent' })
    const secretBox = testSecretBox
    const executor = createExecutor({ db, log, secretBox, concurrency, hypervisor, claimant: { ...claimant, epoch } })
    onTestFinished(() => executor.close(2000))
    return executor
  }
  const post = async (verb: string, body: object) => (await api.send('POST', `/api/v1/vms/${vm.id}/${verb}`, body)).body
  return { hypervisor, claimant, vm, calls, executor: aWorker(), aWorker, post }
}

const ended = (id: string) =>
  eventually(async () => {
    const operation = await readOperation(db, id)
    return operation.finishedAt && operation
  })

test.for(['stop', 'reboot'])(
  'a forced stop of a guest that ignores a %s takes the power at once, on a worker with one place',
  async (verb, { onTestFinished }) => {
    const { executor, post, vm, calls, hypervisor } = await arrange(onTestFinished)
    const { operation: graceful } = await post(verb, patience)
    await executor.wake(graceful.id)
    await eventually(() => calls.includes(verb === 'stop' ? 'requestShutdown' : 'requestReboot'))
    const { operation: forced } = await post('stop', { force: true })
    await executor.wake(forced.id)
    expect(await ended(forced.id)).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(await readOperation(db, graceful.id)).toMatchObject({ status: 'failed', error: { reason: 'OVERTAKEN' } })
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', message: '' })
    expect(hypervisor.contents.vms[vm.id]?.state).toBe('STOPPED')
    expect(calls.filter((call) => call === 'destroyVm')).toHaveLength(1)
    // What was overtaken has ended: the next start is nobody's to undo.
    const { operation: start } = await post('start', {})
    await executor.wake(start.id)
    expect(await ended(start.id)).toMatchObject({ status: 'succeeded' })
    expect(hypervisor.contents.vms[vm.id]?.state).toBe('RUNNING')
    expect(calls.filter((call) => call === 'destroyVm')).toHaveLength(1)
  },
)

test('a forced delete of a guest that ignores a stop deletes at once, also when its ring is lost', async ({
  onTestFinished,
}) => {
  const { executor, post, vm, calls, hypervisor } = await arrange(onTestFinished)
  const { operation: stop } = await post('stop', patience)
  await executor.wake(stop.id)
  await eventually(() => calls.includes('requestShutdown'))
  const { body } = await api.send('DELETE', `/api/v1/vms/${vm.id}?force=true`)
  await executor.poll()
  expect(await ended(body.operation.id)).toMatchObject({ status: 'succeeded' })
  expect(await readVm(db, vm.id)).toBeUndefined()
  expect(hypervisor.contents).toEqual({ vms: {}, files: [] })
})

test('a worker that starts again takes up the forced stop, and nothing of the one that it overtook', async ({
  onTestFinished,
}) => {
  const { executor, post, vm, calls, claimant, aWorker } = await arrange(onTestFinished)
  const { operation: stop } = await post('stop', patience)
  await executor.wake(stop.id)
  await eventually(() => calls.includes('requestShutdown'))
  const { operation: forced } = await post('stop', { force: true })
  await executor.close(2000)
  await db.sql`update nodes set epoch = epoch + 1 where id = ${claimant.nodeId}`
  await aWorker(claimant.epoch + 1).poll()
  expect(await ended(forced.id)).toMatchObject({ status: 'succeeded' })
  expect(calls.filter((call) => call === 'requestShutdown')).toHaveLength(1)
  expect((await readVm(db, vm.id))?.state).toBe('STOPPED')
})

test('a forced stop waits for a power-off that is just being made, and makes no second', async ({ onTestFinished }) => {
  let goOn = () => {}
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const { executor, post, calls, hypervisor } = await arrange(onTestFinished, { concurrency: 2 })
  const destroyVm = hypervisor.destroyVm.bind(hypervisor)
  let destroys = 0
  hypervisor.destroyVm = async (vmId) => {
    destroys++
    await held
    await destroyVm(vmId)
  }
  const { operation: stop } = await post('stop', { timeoutSeconds: 1 })
  await executor.wake(stop.id)
  await eventually(() => destroys === 1)
  const { operation: forced } = await post('stop', { force: true })
  await executor.wake(forced.id)
  // It holds the operation, and looks at nothing before the other one is over.
  const looked = calls.length
  expect(await readOperation(db, forced.id)).toMatchObject({ status: 'running', steps: {} })
  goOn()
  expect(await ended(forced.id)).toMatchObject({ status: 'succeeded' })
  expect(calls.length).toBeGreaterThan(looked)
  expect(destroys).toBe(1)
  expect(await readOperation(db, stop.id)).toMatchObject({ status: 'failed', error: { reason: 'OVERTAKEN' } })
})

test('stops and forced stops that race with guests that shut down end each VM once, and none is left unfinished', async ({
  onTestFinished,
}) => {
  const { executor, hypervisor, claimant } = await arrange(onTestFinished, { shutdownMs: 3 })
  const rounds = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const vm = await aVm(db, claimant.nodeId, { state: 'RUNNING' })
      await hypervisor.defineVm(definitionOf(vm))
      await hypervisor.startVm(vm.id)
      return vm
    }),
  )
  const send = (id: string, body: object) => api.send('POST', `/api/v1/vms/${id}/stop`, body)
  await Promise.all(
    rounds.map(async ({ id }) => {
      const { body } = await send(id, patience)
      const forced = send(id, { force: true })
      await executor.wake(body.operation.id)
      const answer = await forced
      if (answer.body?.operation) await executor.wake(answer.body.operation.id)
    }),
  )
  await eventually(async () => {
    await executor.poll()
    const [left] = await db.sql`
      select count(*)::int as count from operations where node_id = ${claimant.nodeId} and finished_at is null`
    return left?.count === 0
  })
  for (const { id } of rounds) {
    expect(await readVm(db, id)).toMatchObject({ state: 'STOPPED' })
    expect(hypervisor.contents.vms[id]?.state).toBe('STOPPED')
  }
})
