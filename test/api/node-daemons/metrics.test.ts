import { expect, test } from 'vitest'
import { metricsText } from '#api/node-daemons/metrics-text.ts'
import { serveApi } from '#api/serve.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { recordingDoorbell, recordingLog } from '../test-api.ts'
import { aPool } from './a-pool.ts'
import { aFakeDaemon } from './fake-daemon.ts'

test('calls are told in the text format of Prometheus, each bucket with what the ones before it have', () => {
  const methods = {
    StartVM: { calls: 5, byCode: { OK: 4, NOT_FOUND: 1 }, totalSeconds: 4.5, byLatency: [2, 1, 2] },
    PingAgent: { calls: 1, byCode: { OK: 1 }, totalSeconds: 1, byLatency: [0, 1, 0] },
  }
  expect(metricsText({ methods, latencyBounds: [0.25, 1] })).toBe(`\
# HELP quantix_node_daemon_calls_total Calls to node daemons that have ended, with gRPC's code.
# TYPE quantix_node_daemon_calls_total counter
quantix_node_daemon_calls_total{method="StartVM",code="OK"} 4
quantix_node_daemon_calls_total{method="StartVM",code="NOT_FOUND"} 1
quantix_node_daemon_calls_total{method="PingAgent",code="OK"} 1
# HELP quantix_node_daemon_call_seconds How long calls to node daemons took.
# TYPE quantix_node_daemon_call_seconds histogram
quantix_node_daemon_call_seconds_bucket{method="StartVM",le="0.25"} 2
quantix_node_daemon_call_seconds_bucket{method="StartVM",le="1"} 3
quantix_node_daemon_call_seconds_bucket{method="StartVM",le="+Inf"} 5
quantix_node_daemon_call_seconds_sum{method="StartVM"} 4.5
quantix_node_daemon_call_seconds_count{method="StartVM"} 5
quantix_node_daemon_call_seconds_bucket{method="PingAgent",le="0.25"} 0
quantix_node_daemon_call_seconds_bucket{method="PingAgent",le="1"} 1
quantix_node_daemon_call_seconds_bucket{method="PingAgent",le="+Inf"} 1
quantix_node_daemon_call_seconds_sum{method="PingAgent"} 1
quantix_node_daemon_call_seconds_count{method="PingAgent"} 1
`)
})

test('the API tells on Node how the nodes were called, and no metrics where it calls none', async ({
  onTestFinished,
}) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  const deps = {
    database: await createTestDatabase(),
    doorbell: recordingDoorbell(),
    queueBackend: 'redis',
    secretBox: testSecretBox,
    maxSnapshots: 32,
    log: recordingLog(),
  } as const
  const [server, withoutPool] = [
    await serveApi(deps, { port: 0, metrics: () => metricsText(pool.snapshot()) }),
    await serveApi(deps, { port: 0 }),
  ]
  onTestFinished(async () => {
    await Promise.all([server.close(), withoutPool.close()])
  })
  await pool.connect(fake.nodeId, fake.address).call.StartVM({ vmId: 'any' })
  const answer = await fetch(`${server.url}/metrics`)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4')
  const text = await answer.text()
  expect(text).toContain('quantix_node_daemon_calls_total{method="StartVM",code="OK"} 1\n')
  expect(text).toContain('quantix_node_daemon_call_seconds_bucket{method="StartVM",le="+Inf"} 1\n')
  expect((await fetch(`${withoutPool.url}/metrics`)).status).toBe(404)
})
