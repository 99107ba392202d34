import { beforeAll, expect, test } from 'vitest'
import { vmActionNames } from '#db/rules/vm-actions.ts'
import { vmState } from '#db/schema/vm.ts'
import { deviceRequestsOn, spec } from './device-requests.ts'
import { anOperation, aSnapshot, aVm, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const sendDevice = deviceRequestsOn(() => api)

/** How each is asked for; what a VM may not do is not recorded, so that one VM can be asked for all. */
const requests = {
  start: ['POST', '/start', undefined],
  stop: ['POST', '/stop', {}],
  forceStop: ['POST', '/stop', { force: true }],
  reboot: ['POST', '/reboot', {}],
  reset: ['POST', '/reboot', { force: true }],
  pause: ['POST', '/pause', undefined],
  resume: ['POST', '/resume', undefined],
  delete: ['DELETE', '', undefined],
  forceDelete: ['DELETE', '?force=true', undefined],
} as const

const actions = Object.keys(requests) as (keyof typeof requests)[]

async function allowedOf(id: string) {
  const { body } = await api.send('GET', `/api/v1/vms/${id}`)
  return body.allowedActions
}

test.each(vmState.enumValues)('of a %s VM each request is accepted or refused as it says', async (state) => {
  const vm = await aVm(api, { state })
  const shown = await allowedOf(vm.id)
  expect(Object.keys(shown).sort()).toEqual([...vmActionNames].sort())
  for (const action of actions) {
    const { id } = shown[action].allowed ? await aVm(api, { state }) : vm
    const [method, path, input] = requests[action]
    const { status, body } = await api.send(method, `/api/v1/vms/${id}${path}`, input)
    // What is there already converges.
    if (status === 200) expect(shown[action].reason).toBe('WRONG_VM_STATE')
    else expect({ action, accepted: status === 202 }).toEqual({ action, accepted: shown[action].allowed })
    if (status === 409) expect(body).toMatchObject({ reason: shown[action].reason, message: shown[action].message })
  }
})

test('while a guest is being asked to stop, only what needs no guest is allowed, and the list says the same', async () => {
  const vm = await aVm(api, { state: 'STOPPING' })
  const input = { vmId: vm.id, force: false, timeoutSeconds: 60 }
  const { id } = await anOperation(api, vm, { kind: 'vm.stop', status: 'running', input })
  const shown = await allowedOf(vm.id)
  expect(vmActionNames.filter((action) => shown[action].allowed)).toEqual(['forceStop', 'forceDelete'])
  expect(shown.start).toMatchObject({ allowed: false, reason: 'OPERATION_IN_PROGRESS' })
  const { body } = await api.send('GET', '/api/v1/vms?limit=1')
  expect(body.items).toMatchObject([{ id: vm.id, allowedActions: shown, operation: { id } }])
})

const held = ['attachDisk', 'detachDisk', 'resizeDisk', 'attachNic', 'detachNic'] as const

test('of a VM with snapshots no device comes or goes that they hold, as it says, each request and the list', async () => {
  const vm = await aVm(api, { spec, state: 'RUNNING' })
  await aSnapshot(api, vm, { kind: 'memory' })
  await aSnapshot(api, vm, { kind: 'offline' })
  const shown = await allowedOf(vm.id)
  for (const action of held) {
    const { status, body } = await sendDevice(action, vm.id)
    expect({ action, status, reason: body.reason }).toEqual({ action, status: 409, reason: 'VM_HAS_SNAPSHOTS' })
    expect(body.details).toMatchObject({ remedies: [{ action: 'DELETE_SNAPSHOTS' }] })
    expect(shown[action]).toEqual({ allowed: false, reason: body.reason, message: body.message })
  }
  expect(shown.changeMedia.allowed).toBe(true)
  const { body } = await api.send('GET', '/api/v1/vms?limit=1')
  expect(body.items).toMatchObject([{ id: vm.id, allowedActions: shown }])
  // Neither a start that there is nothing to do for nor a new name says anything else.
  for (const answer of [
    await api.send('POST', `/api/v1/vms/${vm.id}/start`),
    await api.send('PATCH', `/api/v1/vms/${vm.id}`, { description: 'with snapshots' }),
  ]) {
    expect(answer).toMatchObject({ status: 200, body: { allowedActions: shown } })
  }
})

test('a snapshot whose memory cannot be reverted to keeps the disks, and no network card', async () => {
  const vm = await aVm(api, { state: 'STOPPED' })
  await aSnapshot(api, vm, { kind: 'memory', state: 'FAILED' })
  await aSnapshot(api, vm, { kind: 'offline' })
  const { attachDisk, attachNic, detachNic } = await allowedOf(vm.id)
  expect(attachDisk.reason).toBe('VM_HAS_SNAPSHOTS')
  expect([attachNic.allowed, detachNic.allowed]).toEqual([true, true])
})

test('a VM that is being paused does not count as running any more, nor as paused', async () => {
  const vm = await aVm(api, { state: 'RUNNING' })
  expect((await api.send('POST', `/api/v1/vms/${vm.id}/pause`)).status).toBe(202)
  for (const verb of ['resume', 'start', 'pause']) {
    const answer = await api.send('POST', `/api/v1/vms/${vm.id}/${verb}`)
    expect(answer).toMatchObject({ status: 409, body: { reason: 'OPERATION_IN_PROGRESS' } })
  }
})
