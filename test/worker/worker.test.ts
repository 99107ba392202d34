import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { service } from 'grpc-health-check'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { expect, test as sequentialTest, type TestContext } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { findImages } from '#db/images.ts'
import { findNode, registerNode } from '#db/nodes.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import type { QueueConfig } from '#db/operations/queue.ts'
import { eventually } from '#test/db/eventually.ts'
import { startProxy } from '#test/db/proxy.ts'
import { anOperation, aVm, readOperation, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { writeImage } from '#test/support/image-files.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { createTestRedis } from '#test/support/redis.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { runController } from '#worker/control/controller.ts'
import { serveHealth } from '#worker/daemon/health-server.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { startWorker, type WorkerDependencies } from '#worker/worker.ts'

const db = await createTestDatabase()
const redis = await createTestRedis()
const queue: QueueConfig = { backend: 'redis', url: redis.url }
const log = pino({ level: 'silent' })

// Most of their time they wait for the next poll or heartbeat.
const test = sequentialTest.concurrent

type Cleanup = TestContext['onTestFinished']

async function aWorker(onTestFinished: Cleanup, options: Partial<WorkerDependencies> = {}) {
  const serving: boolean[] = []
  const hypervisor = (options.hypervisor as SimulatedHypervisor | undefined) ?? createSimulatedHypervisor()
  const worker = await startWorker(
    {
      nodeId: randomUUID(),
      db,
      queue,
      log,
      imagesDirectory: path.join(tmpdir(), 'no-images'),
      health: { setServing: (is) => serving.push(is) },
      onSuperseded: () => {},
      ...options,
      hypervisor,
    },
    new AbortController().signal,
  )
  onTestFinished(() => worker.close())
  return { worker, hypervisor, serving }
}

const ended = (id: string, timeoutMs?: number) =>
  eventually(async () => {
    const operation = await readOperation(db, id)
    return operation.finishedAt && operation
  }, timeoutMs)

test('a ring is answered at once', async ({ onTestFinished }) => {
  const { worker } = await aWorker(onTestFinished)
  const doorbell = openDoorbell(queue)
  onTestFinished(() => doorbell.close())
  const vm = await aVm(db, worker.nodeId, { state: 'CREATING' })
  const operation = await anOperation(db, vm, 'vm.create')
  await doorbell.ring(operation)
  // Well below the time between two polls.
  expect(await ended(operation.id, 4000)).toMatchObject({ status: 'succeeded' })
})

test('operations that nobody rang for run all the same', async ({ onTestFinished }) => {
  const { worker } = await aWorker(onTestFinished)
  const { id } = await anOperation(db, await aVm(db, worker.nodeId, { state: 'CREATING' }), 'vm.create')
  expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded' })
})

test('when Redis is emptied with operations queued, all of them run', async ({ onTestFinished }) => {
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts())
  const doorbell = openDoorbell(queue)
  onTestFinished(() => doorbell.close())
  const queued = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const operation = await anOperation(db, await aVm(db, nodeId, { state: 'CREATING' }), 'vm.create')
      await doorbell.ring(operation)
      return operation.id
    }),
  )
  const client = new Redis(redis.url)
  await client.flushall()
  client.disconnect()
  await aWorker(onTestFinished, { nodeId })
  for (const id of queued) expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded', attempt: 1 })
})

test('while a worker is without Redis it goes on with what it finds', async ({ onTestFinished }) => {
  const proxy = await startProxy(redis.url)
  const { worker } = await aWorker(onTestFinished, { queue: { backend: 'redis', url: proxy.url } })
  await proxy.cut()
  const { id } = await anOperation(db, await aVm(db, worker.nodeId, { state: 'CREATING' }), 'vm.create')
  expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded' })
})

test('a worker outlives an outage of Postgres', async ({ onTestFinished }) => {
  const proxy = await startProxy(db.url)
  const behindProxy = openDatabase(proxy.url)
  onTestFinished(() => behindProxy.close())
  const { worker } = await aWorker(onTestFinished, { db: behindProxy })
  await proxy.cut()
  const { id } = await anOperation(db, await aVm(db, worker.nodeId, { state: 'CREATING' }), 'vm.create')
  await proxy.restore()
  expect(await ended(id, 12_000)).toMatchObject({ status: 'succeeded' })
})

test('a worker that starts without Postgres waits for it', async ({ onTestFinished }) => {
  const proxy = await startProxy(db.url)
  await proxy.cut()
  const behindProxy = openDatabase(proxy.url)
  onTestFinished(() => behindProxy.close())
  const nodeId = randomUUID()
  const started = aWorker(onTestFinished, { db: behindProxy, nodeId })
  await proxy.restore()
  await started
  expect(await findNode(db, nodeId)).toMatchObject({ epoch: 1, hypervisor: 'simulated' })
})

test('a node that is known begins at once, without waiting for its CPU modes to be probed', async ({
  onTestFinished,
}) => {
  const nodeId = randomUUID()
  const first = await aWorker(onTestFinished, { nodeId })
  await first.worker.close()
  let probed = () => {}
  const hypervisor = createSimulatedHypervisor()
  hypervisor.probeCpuModes = () =>
    new Promise((resolve) => {
      probed = () => resolve([])
    })
  const { worker } = await aWorker(onTestFinished, { nodeId, hypervisor })
  expect(worker.epoch).toBe(2)
  expect((await findNode(db, nodeId))?.cpuModes).toHaveLength(2)
  probed()
  await eventually(async () => (await findNode(db, nodeId))?.cpuModes.length === 0)
})

test('what a node ran under another hypervisor is not taken for what it runs now', async ({ onTestFinished }) => {
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts({ hypervisor: 'libvirt' }))
  await aWorker(onTestFinished, { nodeId })
  expect(await findNode(db, nodeId)).toMatchObject({ hypervisor: 'simulated', cpuModes: [{}, {}] })
})

test('a worker whose node was taken over is told to go', async ({ onTestFinished }) => {
  let superseded = false
  const onSuperseded = () => {
    superseded = true
  }
  const { worker, serving } = await aWorker(onTestFinished, { onSuperseded })
  await aWorker(onTestFinished, { nodeId: worker.nodeId })
  await eventually(() => superseded, 8000)
  expect(serving.at(-1)).toBe(false)
})

test('a VM that changes unasked is shown so at once', async ({ onTestFinished }) => {
  const { worker, hypervisor } = await aWorker(onTestFinished)
  const vm = await aVm(db, worker.nodeId, { state: 'STOPPED' })
  await hypervisor.defineVm(definitionOf(vm))
  hypervisor.changeUnasked(vm.id, 'RUNNING')
  await eventually(async () => (await readVm(db, vm.id))?.state === 'RUNNING', 2000)
})

test('a worker that starts says which images its node has', async ({ onTestFinished }) => {
  const imagesDirectory = await mkdtemp(path.join(tmpdir(), 'qi-'))
  onTestFinished(() => rm(imagesDirectory, { recursive: true }))
  await writeImage(path.join(imagesDirectory, 'setup.iso'), 2 ** 20)
  const { worker } = await aWorker(onTestFinished, { imagesDirectory })
  const known = await eventually(async () => {
    const found = await findImages(db, worker.nodeId)
    return found.length > 0 && found
  }, 4000)
  expect(known).toMatchObject([{ name: 'setup.iso', problem: null }])
})

test('when a silent node is back, its VMs are known again and what was asked for is done', async ({
  onTestFinished,
}) => {
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts())
  const message = 'Node far has not answered since 2026-11-20 18:06:00 UTC.'
  const known = await aVm(db, nodeId, { state: 'UNKNOWN', message })
  const wanted = await aVm(db, nodeId, { state: 'CREATING', message })
  const { id } = await anOperation(db, wanted, 'vm.create')
  await db.sql`update nodes set silent_since = last_seen_at where id = ${nodeId}`
  const hypervisor = createSimulatedHypervisor()
  await hypervisor.defineVm(definitionOf(known))
  await hypervisor.startVm(known.id)
  await aWorker(onTestFinished, { nodeId, hypervisor })
  expect((await findNode(db, nodeId))?.silentSince).toBeNull()
  expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded' })
  expect(await readVm(db, wanted.id)).toMatchObject({ state: 'STOPPED', message: '' })
  await eventually(async () => (await readVm(db, known.id))?.state === 'RUNNING', 2000)
  expect(await readVm(db, known.id)).toMatchObject({ state: 'RUNNING', message: '' })
})

test('a worker says that it serves while the hypervisor answers, and not when it does not', async ({
  onTestFinished,
}) => {
  let away = false
  const hypervisor = createSimulatedHypervisor({
    onCall: (call, moment) => {
      if (away && call === 'describeNode' && moment === 'before') throw new AppError('unavailable', 'away')
    },
  })
  const { serving } = await aWorker(onTestFinished, { hypervisor })
  await eventually(() => serving.at(-1) === true)
  away = true
  await eventually(() => serving.at(-1) === false, 8000)
})

test('what is free on a node is told when its worker starts and with every heartbeat', async ({ onTestFinished }) => {
  const options = { storageFreeBytes: 7 * 2 ** 30, tscFrequencyHz: 2_596_126_000 }
  const { worker } = await aWorker(onTestFinished, { hypervisor: createSimulatedHypervisor(options) })
  expect(await findNode(db, worker.nodeId)).toMatchObject({ ...options, tscScaling: false })
  options.storageFreeBytes = 3 * 2 ** 40
  await eventually(async () => (await findNode(db, worker.nodeId))?.storageFreeBytes === 3 * 2 ** 40, 8000)
})

test("gRPC's health service answers what the worker says", async ({ onTestFinished }) => {
  const health = await serveHealth(0)
  const client = new Client(`127.0.0.1:${health.port}`, credentials.createInsecure())
  onTestFinished(() => health.close())
  onTestFinished(() => client.close())
  const { Check } = service as never as { Check: Parameters<typeof makeCall>[1] }
  expect(await makeCall(client, Check)).toEqual({ status: 'NOT_SERVING' })
  health.setServing(true)
  expect(await makeCall(client, Check)).toEqual({ status: 'SERVING' })
})

function makeCall(
  client: Client,
  method: {
    path: string
    requestSerialize(request: object): Buffer
    responseDeserialize(bytes: Buffer): unknown
  },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = method
    const deadline = Date.now() + 2000
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service: '' },
      { deadline },
      (error, reply) => (error ? reject(error) : resolve(reply)),
    )
  })
}

test('a controller rings again, through an outage of the queue', async ({ onTestFinished }) => {
  const proxy = await startProxy(redis.url)
  await proxy.cut()
  const doorbell = openDoorbell({ backend: 'redis', url: proxy.url })
  const stopping = new AbortController()
  const controlled = runController({ db, doorbell, log, maxSnapshots: 32, eventRetentionDays: 90 }, stopping.signal)
  onTestFinished(async () => {
    stopping.abort()
    await controlled
    await doorbell.close()
  })
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts())
  const notBefore = new Date(Date.now() - 10_000)
  const { id } = await anOperation(db, await aVm(db, nodeId), 'vm.start', { notBefore })
  await proxy.restore()
  const client = new Redis(redis.url)
  onTestFinished(() => client.disconnect())
  await eventually(async () => (await client.exists(`bull:node-${nodeId}:op-${id}`)) === 1, 8000)
})
