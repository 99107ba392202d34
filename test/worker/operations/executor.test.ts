import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Database, openDatabase } from '#db/client.ts'
import { registerNode } from '#db/nodes.ts'
import { claim } from '#db/operations/claim.ts'
import { operations } from '#db/schema/operation.ts'
import { eventually } from '#test/db/eventually.ts'
import { startProxy } from '#test/db/proxy.ts'
import { aNode, anOperation, aVm, readOperation, readVm } from '#test/db/rows.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { anExecutor, aRunningVm, db, ended } from './an-executor.ts'

test('a VM whose guest takes its time to shut down blocks no other, even where there is one place', async () => {
  const { executor, hypervisor, claimant } = await anExecutor({ concurrency: 1 })
  const slow = await aRunningVm(hypervisor, claimant.nodeId, { name: `ignores-shutdown-${randomUUID()}` })
  const input = { force: false, timeoutSeconds: 600 }
  const stop = await anOperation(db, slow, 'vm.stop', { input })
  await executor.wake(stop.id)
  await eventually(async () => 'check-disks' in (await readOperation(db, stop.id)).steps)
  const create = await anOperation(db, await aVm(db, claimant.nodeId, { state: 'CREATING' }), 'vm.create')
  await executor.wake(create.id)
  expect(await ended(create.id)).toMatchObject({ status: 'succeeded' })
  expect((await readOperation(db, stop.id)).status).toBe('running')
})

test('more operations than places all run, and no more than the places at once', async () => {
  let working = 0
  let most = 0
  const at = async (_: unknown, step: string, moment: string) => {
    if (step !== 'define') return
    if (moment === 'before') {
      most = Math.max(most, ++working)
      await eventually(() => most >= 3)
    }
    if (moment === 'after') working--
  }
  const { executor, claimant } = await anExecutor({ concurrency: 3, at })
  const operations = await Promise.all(
    Array.from({ length: 30 }, async () =>
      anOperation(db, await aVm(db, claimant.nodeId, { state: 'CREATING' }), 'vm.create'),
    ),
  )
  await executor.poll()
  for (const { id } of operations) expect(await ended(id)).toMatchObject({ status: 'succeeded', attempt: 1 })
  expect(most).toBe(3)
})

test('an operation that is rung for while the worker looks for work by itself is not left to its next look', async () => {
  const { executor, claimant } = await anExecutor()
  const aCreate = async () => anOperation(db, await aVm(db, claimant.nodeId, { state: 'CREATING' }), 'vm.create')
  const found = await aCreate()
  await db.sql.unsafe(`
    create function wait_for_holder() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock_shared(1); return new; end';
    create trigger wait_for_holder before update on operations
      for each row when (old.id = '${found.id}') execute function wait_for_holder()`)
  const { polling } = await db.sql.begin(async (holder) => {
    await holder`select pg_advisory_xact_lock(1)`
    const looking = executor.poll()
    await eventually(
      async () => (await db.sql`select from pg_locks where locktype = 'advisory' and not granted`).length > 0,
    )
    const rung = await aCreate()
    await executor.wake(rung.id)
    // Not awaited here: it ends after the lock does.
    return { polling: looking.then(() => rung) }
  })
  expect(await ended((await polling).id)).toMatchObject({ status: 'succeeded' })
  expect(await ended(found.id)).toMatchObject({ status: 'succeeded' })
})

test('an operation that is rung for again and again runs once', async () => {
  const begun: string[] = []
  const at = (operation: { id: string }, step: string, moment: string) => {
    if (step === 'define' && moment === 'before') begun.push(operation.id)
  }
  const { executor, claimant } = await anExecutor({ at })
  const { id } = await anOperation(db, await aVm(db, claimant.nodeId, { state: 'CREATING' }), 'vm.create')
  await Promise.all([executor.wake(id), executor.wake(id), executor.poll(), executor.wake(id)])
  await ended(id)
  await executor.wake(id)
  expect(begun).toEqual([id])
})

test('Postgres going away in the middle of an operation fails nothing', async () => {
  const proxy = await startProxy(db.url)
  const behindProxy: Database = openDatabase(proxy.url)
  let cut = false
  const at = async (_: unknown, step: string, moment: string) => {
    if (cut || step !== 'create-disks' || moment !== 'after') return
    cut = true
    await proxy.cut()
    setTimeout(() => proxy.restore(), 700)
  }
  const { executor, hypervisor, claimant } = await anExecutor({ db: behindProxy, at })
  const vm = await aVm(db, claimant.nodeId, { state: 'CREATING' })
  const { id } = await anOperation(db, vm, 'vm.create')
  await executor.wake(id)
  expect(await ended(id, 10_000)).toMatchObject({ status: 'succeeded', attempt: 1 })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', message: '' })
  expect(Object.keys(hypervisor.contents.vms)).toEqual([vm.id])
  await behindProxy.close()
})

test('a worker that stops puts its work down, and the next goes on with the steps that are left', async () => {
  const steps: string[] = []
  let reached = () => {}
  const isReached = new Promise<void>((resolve) => {
    reached = resolve
  })
  let goOn = () => {}
  const first = await anExecutor({
    async at(_, step, moment) {
      if (step !== 'create-disks' || moment !== 'after') return
      reached()
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
    },
  })
  const { id } = await anOperation(db, await aVm(db, first.claimant.nodeId, { state: 'CREATING' }), 'vm.create')
  await first.executor.wake(id)
  await isReached
  const closed = first.executor.close(2000)
  goOn()
  await closed
  expect(await readOperation(db, id)).toMatchObject({ status: 'queued', attempt: 1 })
  const second = await anExecutor({ ...first, at: (_, step) => void steps.push(step) })
  await second.executor.poll()
  expect(await ended(id)).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect(new Set(steps)).toEqual(new Set(['define']))
})

test('a worker that was paused while another took over writes nothing more', async () => {
  const node = await aNode(db)
  const vm = await aVm(db, node.nodeId, { state: 'CREATING' })
  const { id } = await anOperation(db, vm, 'vm.create')
  let taken: Awaited<ReturnType<typeof claim>> = null
  let dropped = false
  const { executor } = await anExecutor({
    claimant: node,
    onEnd: () => {
      dropped = true
    },
    async at(_, step, moment) {
      if (step !== 'create-disks' || moment !== 'before' || taken) return
      const epoch = await registerNode(db, node.nodeId, someNodeFacts())
      taken = await claim(db, { nodeId: node.nodeId, epoch, operationId: id })
    },
  })
  await executor.wake(id)
  await eventually(() => dropped)
  expect(taken).not.toBeNull()
  expect(await readOperation(db, id)).toEqual((taken as unknown as { operation: unknown }).operation)
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test('an operation whose claim was made, and never heard of, is run all the same', async () => {
  const { executor, claimant } = await anExecutor()
  const { id } = await anOperation(db, await aVm(db, claimant.nodeId, { state: 'CREATING' }), 'vm.create')
  expect(await claim(db, { ...claimant, operationId: id })).not.toBeNull()
  await db.drizzle.update(operations).set({ notBefore: new Date() }).where(eq(operations.id, id))
  await executor.poll()
  expect(await ended(id)).toMatchObject({ status: 'succeeded', attempt: 2 })
})
