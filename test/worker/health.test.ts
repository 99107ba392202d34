import { Client, credentials, status } from '@grpc/grpc-js'
import { service } from 'grpc-health-check'
import { expect, test as sequentialTest } from 'vitest'
import { AppError } from '#db/errors.ts'
import { eventually } from '#test/db/eventually.ts'
import { openServer } from '#worker/daemon/server.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aWorker } from './a-worker.ts'
import { aClient, call } from './daemon/daemon.ts'

// Most of their time they wait for the next poll or heartbeat.
const test = sequentialTest.concurrent

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

test("gRPC's health service answers what the worker says", async ({ onTestFinished }) => {
  const health = await openServer({ host: '127.0.0.1', port: 0 })
  const client = new Client(`127.0.0.1:${health.port}`, credentials.createInsecure())
  onTestFinished(() => health.close(100))
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

test('a daemon that is starting says so to whoever calls it', async ({ onTestFinished }) => {
  const server = await openServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(100))
  const client = aClient(server.port)
  onTestFinished(() => client.close())
  await expect(call(client, 'ListVMs', {})).rejects.toMatchObject({ code: status.UNAVAILABLE })
})
