import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import type { SnapshotCapability, SnapshotChoice } from '#db/rules/snapshot-capabilities.ts'
import { nodes } from '#db/schema/node.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { vms } from '#db/schema/vm.ts'
import {
  aNode,
  anOperation,
  aSnapshot,
  aVm,
  maxSnapshots,
  one,
  startTestApi,
  storedSpec,
  type TestApi,
} from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const performance = { mode: 'host-passthrough', migratable: 'off', invtscPolicy: null, tscFrequencyHz: null } as const
const flexible = { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null } as const

async function ask(vmId: string): Promise<Record<SnapshotChoice, SnapshotCapability>> {
  const answer = await api.send('GET', `/api/v1/vms/${vmId}/snapshot-capabilities`)
  expect(answer.status).toBe(200)
  return answer.body
}

/** The request that asks for each kind. */
const requests: Record<SnapshotChoice, object> = {
  memory: { includeMemory: true },
  diskOnly: {},
  diskOnlyQuiesced: { quiesce: true },
  offline: {},
}

const situations = {
  'runs on the whole CPU': { state: 'RUNNING', effectiveCpu: performance },
  'runs on a named CPU without an agent': { state: 'RUNNING', effectiveCpu: flexible, guestAgentConnected: false },
  'is paused': { state: 'PAUSED', effectiveCpu: flexible, guestAgentConnected: true },
  'is stopped': { state: 'STOPPED' },
  'has no disks': { state: 'RUNNING', effectiveCpu: flexible, spec: { ...storedSpec, disks: [] } },
  'is stopped without disks': { state: 'STOPPED', spec: { ...storedSpec, disks: [] } },
  failed: { state: 'FAILED', message: 'no image' },
  'has disks that do not agree': { state: 'RUNNING', diskProblem: { reason: 'DISKS_OUT_OF_STEP', message: 'no' } },
} as const

test.each(Object.entries(situations))(
  'of a VM that %s the answer is what a request for each kind gets',
  async (_, given) => {
    for (const [kind, request] of Object.entries(requests) as [SnapshotChoice, object][]) {
      // A request says nothing of the state: it can only ask for what there is in it.
      if ((given.state === 'STOPPED') !== (kind === 'offline')) continue
      const vm = await aVm(api, given as Parameters<typeof aVm>[1])
      const capability = (await ask(vm.id))[kind]
      const answer = await api.send('POST', `/api/v1/vms/${vm.id}/snapshots`, { name: 'asked', ...request })
      expect(answer.status === 202, kind).toBe(capability.allowed)
      if (capability.allowed) continue
      expect(answer.body).toMatchObject({ reason: capability.reason, message: capability.message })
      expect(answer.body.details?.remedies ?? []).toEqual(capability.remedies)
    }
  },
)

test('a VM that is being worked on says by what', async () => {
  const vm = await aVm(api, { state: 'STARTING' })
  const operation = await anOperation(api, vm)
  const capabilities = await ask(vm.id)
  for (const capability of Object.values(capabilities)) {
    expect(capability).toMatchObject({ allowed: false, reason: 'OPERATION_IN_PROGRESS', remedies: [] })
    expect(capability.message).toContain(operation.kind)
  }
})

test('the refusal of the CPU is the published text, and a Performance VM can pin its TSC', async () => {
  const { memory } = await ask((await aVm(api, { state: 'RUNNING', effectiveCpu: performance })).id)
  expect(memory.message).toBe(memorySnapshotBlockedMessage)
  expect(memory.remedies).toContainEqual(expect.objectContaining({ action: 'PIN_TSC', needsRestart: true }))
})

test('a memory snapshot needs room on the node, as it last reported it', async () => {
  const { id: nodeId } = await aNode(api.database, { storageFreeBytes: 1024 })
  const vm = await aVm(api, { state: 'RUNNING', nodeId, effectiveCpu: flexible })
  const { memory, diskOnly } = await ask(vm.id)
  expect(memory).toMatchObject({ allowed: false, reason: 'NO_SPACE_FOR_MEMORY' })
  expect(memory.sizeBytes).toBeGreaterThanOrEqual(storedSpec.memory.sizeMib * 2 ** 20)
  expect(diskOnly.allowed).toBe(true)
  await api.database.drizzle
    .update(nodes)
    .set({ storageFreeBytes: 2 ** 40 })
    .where(eq(nodes.id, nodeId))
  expect((await ask(vm.id)).memory.allowed).toBe(true)
})

test('a VM with the most snapshots can have none more', async () => {
  const vm = await aVm(api)
  for (let count = 0; count < maxSnapshots; count++) await aSnapshot(api, vm)
  expect((await ask(vm.id)).offline).toMatchObject({ allowed: false, reason: 'TOO_MANY_SNAPSHOTS' })
})

test('a line of snapshots is no longer than what the node can start a VM from', async () => {
  const { id: nodeId } = await aNode(api.database, { libvirtVersion: '11.3.0' })
  const roomy = await startTestApi({ database: api.database, maxSnapshots: 100 })
  const vm = await aVm(api, { nodeId })
  let parentId: string | null = null
  for (let count = 0; count < 20; count++) {
    const capabilities = await roomy.send('GET', `/api/v1/vms/${vm.id}/snapshot-capabilities`)
    expect(capabilities.body.offline.allowed).toBe(true)
    const { id } = await aSnapshot(api, vm, { parentId })
    await api.database.drizzle.update(vms).set({ currentSnapshotId: id }).where(eq(vms.id, vm.id))
    parentId = id
  }
  const { body } = await roomy.send('GET', `/api/v1/vms/${vm.id}/snapshot-capabilities`)
  expect(body.offline).toMatchObject({ allowed: false, reason: 'CHAIN_TOO_DEEP' })
  // Back at the first, there is room again.
  const first = one((await api.database.drizzle.select().from(snapshots).where(eq(snapshots.vmId, vm.id)))[0])
  await api.database.drizzle.update(vms).set({ currentSnapshotId: first.id }).where(eq(vms.id, vm.id))
  const again = await roomy.send('GET', `/api/v1/vms/${vm.id}/snapshot-capabilities`)
  expect(again.body.offline.allowed).toBe(true)
})

test('the capabilities of a VM that does not exist are not found', async () => {
  const path = '/api/v1/vms/019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11/snapshot-capabilities'
  expect(await api.send('GET', path)).toMatchObject({ status: 404, body: { reason: 'VM_NOT_FOUND' } })
})
