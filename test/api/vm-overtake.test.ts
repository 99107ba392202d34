import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { anOperation, aVm, everything, one, raced, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const graceful = { force: false, timeoutSeconds: 60 }

const aStoppingVm = async (given: Parameters<typeof anOperation>[2] = {}) => {
  const vm = await aVm(api, { state: given.kind === 'vm.reboot' ? 'RUNNING' : 'STOPPING' })
  const input = { vmId: vm.id, ...graceful }
  return { vm, waiting: await anOperation(api, vm, { kind: 'vm.stop', status: 'running', input, ...given }) }
}

const forceStop = (id: string) => api.send('POST', `/api/v1/vms/${id}/stop`, { force: true })
const forceDelete = (id: string) => api.send('DELETE', `/api/v1/vms/${id}?force=true`)
const reset = (id: string) => api.send('POST', `/api/v1/vms/${id}/reboot`, { force: true })

const operationsOf = (vmId: string) =>
  api.database.drizzle.select().from(operations).where(eq(operations.vmId, vmId)).orderBy(operations.id)

describe.each([
  ['a forced stop', forceStop, 'vm.stop', 'STOPPING'],
  ['a forced delete', forceDelete, 'vm.delete', 'DELETING'],
] as const)('%s', (_, send, kind, state) => {
  test.each([
    ['a stop that waits for its guest', { kind: 'vm.stop', status: 'running' }],
    ['a stop that nobody has begun', { kind: 'vm.stop', status: 'queued' }],
    ['a reboot that waits for its guest', { kind: 'vm.reboot', status: 'running' }],
  ] as const)('overtakes %s: that one ends and names the one to watch', async (_, given) => {
    const { vm, waiting } = await aStoppingVm(given)
    const answer = await send(vm.id)
    expect(answer).toMatchObject({ status: 202, body: { status: { state }, operation: { kind, status: 'queued' } } })
    const operationId = answer.body.operation.id
    expect(operationId).not.toBe(waiting.id)
    expect(await operationsOf(vm.id)).toMatchObject([
      { id: waiting.id, status: 'failed', error: { code: 'aborted', reason: 'OVERTAKEN', details: { operationId } } },
      { id: operationId, kind, status: 'queued', input: { force: true } },
    ])
    expect(api.doorbell.rings.filter(({ id }) => id === operationId)).toHaveLength(1)
    expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body.operation.id).toBe(operationId)
  })

  test.each([
    ['a forced stop', { kind: 'vm.stop', input: { force: true, timeoutSeconds: 60 } }],
    ['a stop that is being undone', { kind: 'vm.stop', status: 'undoing' }],
    ['a snapshot', { kind: 'snapshot.create', input: {} }],
  ] as const)('waits for %s, and changes nothing', async (_, given) => {
    const { vm, waiting } = await aStoppingVm(given)
    const before = await everything(api.database)
    expect(await send(vm.id)).toMatchObject({ status: 409, body: { details: { operationId: waiting.id } } })
    expect(await everything(api.database)).toEqual(before)
  })

  test('asked for many times at once overtakes once', async () => {
    const { vm } = await aStoppingVm()
    const answers = await raced(
      api,
      vm.id,
      Array.from({ length: 5 }, () => () => send(vm.id)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409])
    expect(await operationsOf(vm.id)).toHaveLength(2)
  })
})

test('a reset overtakes a reboot that waits for its guest, and no stop', async () => {
  const { vm } = await aStoppingVm({ kind: 'vm.reboot' })
  expect(await reset(vm.id)).toMatchObject({ status: 202, body: { operation: { kind: 'vm.reboot' } } })
  const stopping = await aStoppingVm()
  expect(await reset(stopping.vm.id)).toMatchObject({ status: 409, body: { reason: 'OPERATION_IN_PROGRESS' } })
})

test('a VM whose disks do not agree keeps its graceful stop', async () => {
  const { vm, waiting } = await aStoppingVm()
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes disk vda to another file.' }
  await api.database.drizzle.update(vms).set({ diskProblem }).where(eq(vms.id, vm.id))
  expect(await forceStop(vm.id)).toMatchObject({ status: 409, body: diskProblem })
  expect(await operationsOf(vm.id)).toMatchObject([{ id: waiting.id, status: 'running' }])
})

/** Ends the stop as a worker does: the operation's row first, then the VM's. */
const endStop = async (operationId: string, vmId: string, between: () => Promise<unknown>) =>
  api.database.sql.begin(async (worker) => {
    await worker`update operations set status = 'succeeded', finished_at = now() where id = ${operationId}`
    await between()
    await worker`update vms set state = 'STOPPED' where id = ${vmId}`
  })

/** Resolves when a statement waits for a row that another transaction holds, or after a while. */
async function someoneWaits() {
  const end = Date.now() + 300
  while (Date.now() < end) {
    const [found] = await api.database.sql<{ waiting: number }[]>`
      select count(*)::int as waiting from pg_locks where not granted`
    if ((found?.waiting ?? 0) > 0) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('a stop that ends at the very moment is not overtaken: a forced stop finds it done, a forced delete begins', async () => {
  for (const [send, status, kinds] of [
    [forceStop, 200, ['vm.stop']],
    [forceDelete, 202, ['vm.stop', 'vm.delete']],
  ] as const) {
    const { vm, waiting } = await aStoppingVm()
    let sent: ReturnType<typeof send> | undefined
    await endStop(waiting.id, vm.id, async () => {
      sent = send(vm.id)
      await someoneWaits()
    })
    const answer = one(await sent)
    // It may have looked each time before the end was there: then it says so, and nothing is half done.
    if (answer.status === 409) expect(answer.body.code).toBe('aborted')
    else expect(answer.status).toBe(status)
    const again = answer.status === 409 ? await send(vm.id) : answer
    expect(again.status).toBe(status)
    expect((await operationsOf(vm.id)).map(({ kind }) => kind)).toEqual(kinds)
    expect(one((await operationsOf(vm.id))[0])).toMatchObject({ status: 'succeeded', error: null })
  }
})

test('of a forced stop and an end of the stop that race, exactly one writes its end, and nothing deadlocks', async () => {
  for (let round = 0; round < 20; round++) {
    const { vm, waiting } = await aStoppingVm()
    const [answer] = await Promise.all([
      forceStop(vm.id),
      api.database.sql`
        with ended as (
          update operations set status = 'succeeded', finished_at = now()
          where id = ${waiting.id} and status = 'running' returning vm_id)
        update vms set state = 'STOPPED' from ended where vms.id = ended.vm_id`,
    ])
    const rows = await operationsOf(vm.id)
    const [first, second] = rows
    if (first?.status === 'failed') {
      expect(answer.status).toBe(202)
      expect(second?.id).toBe(answer.body.operation.id)
    } else {
      expect([200, 409]).toContain(answer.status)
      expect(rows).toHaveLength(1)
    }
  }
})
