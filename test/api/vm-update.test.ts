import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { runningSpecOf } from '#db/rules/spec-changes.ts'
import { operations } from '#db/schema/operation.ts'
import { vmState } from '#db/schema/vm.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { aNode, anOperation, aVm, everything, raced, startTestApi, type TestApi } from './test-api.ts'
import { patchesOn } from './vm-patches.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const { patch, rowOf, operationsOf, expectRefused } = patchesOn(() => api)

describe('the spec', () => {
  test.each(['STOPPED', 'RUNNING', 'PAUSED'] as const)(
    'of a %s VM is stored at once, with the operation',
    async (state) => {
      const vm = await aVm(api, { state, tscFrequencyHz: 7 })
      const answer = await patch(vm, { description: 'too', spec: { cpuMode: 'host-passthrough', cpu: { cores: 3 } } })
      expect(answer).toMatchObject({
        status: 202,
        body: {
          description: 'too',
          spec: { cpuMode: 'host-passthrough', cpu: { cores: 3 }, memory: vm.spec.memory },
          status: { state, pendingRestart: state !== 'STOPPED' },
          operation: { kind: 'vm.update', status: 'queued' },
        },
      })
      const row = await rowOf(vm)
      expect(row.spec).toEqual({ ...vm.spec, cpuMode: 'host-passthrough', cpu: { ...vm.spec.cpu, cores: 3 } })
      expect(row.changedFrom).toEqual({ spec: vm.spec, tscFrequencyHz: 7 })
      expect(await operationsOf(vm)).toMatchObject([{ id: answer.body.operation.id, input: { vmId: vm.id } }])
      expect(api.doorbell.rings.filter(({ id }) => id === answer.body.operation.id)).toHaveLength(1)
    },
  )

  test('that is what it was makes no operation', async () => {
    const vm = await aVm(api, { state: 'RUNNING' })
    const { spec } = (await api.send('GET', `/api/v1/vms/${vm.id}`)).body
    expect(await patch(vm, { spec })).toMatchObject({ status: 200 })
    expect(await patch(vm, { spec: {} })).toMatchObject({ status: 200 })
    expect(await operationsOf(vm)).toEqual([])
  })

  test('null takes a field back to the default of the guest OS profile', async () => {
    const spec = aSpec({
      guestOs: 'debian',
      rng: false,
      clock: { hpet: false },
      watchdog: {},
      cpu: { cores: 4, sockets: 2 },
    })
    const vm = await aVm(api, { spec })
    const answer = await patch(vm, {
      spec: { rng: null, clock: { hpet: null }, watchdog: null, cpu: { sockets: null } },
    })
    expect(answer.body.spec).toMatchObject({
      rng: true,
      clock: { hpet: true },
      watchdog: null,
      cpu: { cores: 4, sockets: 1 },
    })
  })

  test('another video model takes its own memory with it', async () => {
    const vm = await aVm(api)
    expect((await patch(vm, { spec: { video: { model: 'virtio' } } })).body.spec.video).toEqual({ model: 'virtio' })
  })

  test('fields out of range, unknown, of another type, or that do not go together are named', async () => {
    const vm = await aVm(api)
    await expectRefused(vm, { spec: { cpu: { cores: 0 } } }, ['spec.cpu.cores'])
    await expectRefused(vm, { spec: { cpu: { cores: null } } }, ['spec.cpu.cores'])
    await expectRefused(vm, { spec: { memory: { sizeMib: '64' } } }, ['spec.memory.sizeMib'])
    await expectRefused(vm, { spec: { cpu: { speed: 1 } } }, ['spec.cpu.speed'])
    await expectRefused(vm, { spec: { cpuMode: 'custom' } }, ['spec.cpuMode'])
    await expectRefused(vm, { colour: 'red' }, ['colour'])
    await expectRefused(vm, { spec: { cpu: { cores: 3, sockets: 2 } } }, ['spec.cpu.cores'])
    await expectRefused(vm, { spec: { bootOrder: ['network'] } }, ['spec.bootOrder[0]'])
    await expectRefused(vm, { spec: { cpu: { pinnedTsc: true } } }, ['spec.cpu.pinnedTsc'])
  })

  test('what cannot change after creation says why, and the way out', async () => {
    const vm = await aVm(api)
    const spec = { firmware: 'uefi', disks: [], nics: [{ network: 'default' }], cdroms: [{ iso: 'a.iso' }] }
    const fields = ['spec.firmware', 'spec.disks', 'spec.cdroms', 'spec.nics']
    const problems = await expectRefused(vm, { spec }, fields)
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('Create a VM'),
      ...['disks', 'cdroms', 'nics'].map((route) => expect.stringContaining(`/api/v1/vms/{id}/${route}`)),
    ])
  })

  test('what its node cannot run is refused with the reason, and nothing is stored', async () => {
    const why = '/dev/kvm is missing'
    const cpuModes = [
      { mode: 'host-model' as const, supported: true, virtType: 'qemu' as const, message: null, features: [] },
      { mode: 'host-passthrough' as const, supported: false, virtType: null, message: why, features: [] },
    ]
    const node = await aNode(api.database, { name: 'small', cpuModes, memoryMib: 128 })
    const vm = await aVm({ ...api, node })
    const before = await everything(api.database)
    const refused = await patch(vm, { spec: { cpuMode: 'host-passthrough' } })
    expect(refused).toMatchObject({ status: 409, body: { reason: 'CPU_MODE_NOT_SUPPORTED' } })
    expect(refused.body.message).toContain(why)
    expect(await patch(vm, { spec: { memory: { sizeMib: 256 } } })).toMatchObject({
      status: 409,
      body: { reason: 'NODE_MEMORY_TOO_SMALL', details: { requestedMib: 256, nodeMemoryMib: 128 } },
    })
    expect(await everything(api.database)).toEqual(before)
  })

  test("a TSC that is pinned is pinned to its node's frequency, and let go again", async () => {
    const node = await aNode(api.database, { name: 'pins', tscFrequencyHz: 2_000_000_000 })
    const vm = await aVm({ ...api, node })
    await patch(vm, { spec: { cpuMode: 'host-passthrough', cpu: { pinnedTsc: true } } })
    expect((await rowOf(vm)).tscFrequencyHz).toBe(2_000_000_000)
    await api.database.drizzle.delete(operations).where(eq(operations.vmId, vm.id))
    await patch(vm, { spec: { cpu: { pinnedTsc: null } } })
    expect((await rowOf(vm)).tscFrequencyHz).toBeNull()
  })

  test.each(vmState.enumValues.filter((state) => !['STOPPED', 'RUNNING', 'PAUSED'].includes(state)))(
    'of a VM that is %s is refused',
    async (state) => {
      const vm = await aVm(api, { state })
      const before = await everything(api.database)
      expect(await patch(vm, { spec: { rng: false } })).toMatchObject({
        status: 409,
        body: { reason: 'WRONG_VM_STATE', details: { state } },
      })
      expect(await everything(api.database)).toEqual(before)
    },
  )

  test('of a VM with an unfinished operation is aborted and names it', async () => {
    const vm = await aVm(api, { state: 'RUNNING' })
    const current = await anOperation(api, vm, { status: 'running' })
    const { body } = await patch(vm, { spec: { rng: false } })
    expect(body).toMatchObject({ reason: 'OPERATION_IN_PROGRESS', details: { operationId: current.id } })
  })

  test('of changes at one moment exactly one begins', async () => {
    const vm = await aVm(api)
    const answers = await raced(
      api,
      vm.id,
      [2, 3, 4].map((cores) => () => patch(vm, { spec: { cpu: { cores } } })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409])
    expect(await operationsOf(vm)).toHaveLength(1)
  })
})

test('what runs and what is wanted are told apart, field by field', async () => {
  const spec = aSpec({ cpuMode: 'host-passthrough', cpu: { cores: 2, features: [{ name: 'vmx', policy: 'disable' }] } })
  const runningSpec = runningSpecOf(aSpec())
  const effectiveCpu = { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null } as const
  const vm = await aVm(api, { state: 'RUNNING', spec, runningSpec, effectiveCpu })
  const { status } = (await api.send('GET', `/api/v1/vms/${vm.id}`)).body
  expect(status).toMatchObject({
    effectiveCpuMode: 'host-model',
    pendingRestart: true,
    pendingFields: ['spec.cpuMode', 'spec.cpu.cores', 'spec.cpu.features'],
  })
})
