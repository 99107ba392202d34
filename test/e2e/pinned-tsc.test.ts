import { expect, test } from 'vitest'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { headers, queues, spec, startSystem, succeeded } from './system.ts'

const tscFrequencyHz = 2_596_126_000
const [, queueOf] = queues[1] as (typeof queues)[number]
const { client } = await startSystem(queueOf, createSimulatedHypervisor({ tscFrequencyHz }))

/** A Performance VM that runs. */
async function aPerformanceVm(name: string, cpu: { pinnedTsc?: boolean }): Promise<{ id: string }> {
  const body = { name, spec: { ...spec, cpuMode: 'host-passthrough' as const, cpu: { ...spec.cpu, ...cpu } } }
  const { id } = succeeded(await sdk.createVm({ client, headers, body }))
  succeeded(await sdk.startVm({ client, headers, path: { id } }))
  return { id }
}

test('a Performance VM that is refused a memory snapshot takes one, made again with the way out it was told', async () => {
  const plain = await aPerformanceVm('plain', {})
  const body = { name: 'memory', includeMemory: true }
  const refused = await sdk.createSnapshot({ client, headers, path: plain, body })
  expect(refused.response?.status).toBe(409)
  const remedies = refused.error?.details?.remedies as { action: string; spec?: { cpu?: { pinnedTsc: boolean } } }[]
  const pin = remedies.find(({ action }) => action === 'PIN_TSC')

  const pinned = await aPerformanceVm('pinned', { ...pin?.spec?.cpu })
  const { status } = succeeded(await sdk.getVm({ client, path: pinned }))
  expect(status).toMatchObject({ tscFrequencyHz, effectiveCpu: { migratable: 'off', tscFrequencyHz } })
  const capabilities = succeeded(await sdk.getSnapshotCapabilities({ client, path: pinned }))
  expect(capabilities.memory.allowed).toBe(true)
  const { id } = succeeded(await sdk.createSnapshot({ client, headers, path: pinned, body }))
  const path = { ...pinned, snapshotId: id }
  const reverted = succeeded(await sdk.revertToSnapshot({ client, headers, path, body: {} }))
  expect(reverted.status).toMatchObject({ state: 'RUNNING', currentSnapshotId: id, tscFrequencyHz })
})
