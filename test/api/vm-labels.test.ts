import { beforeAll, describe, expect, test } from 'vitest'
import { type VmRow, vmState } from '#db/schema/vm.ts'
import { anOperation, aVm, everything, one, raced, startTestApi, type TestApi } from './test-api.ts'
import { patchesOn } from './vm-patches.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const { patch, rowOf, operationsOf, expectRefused } = patchesOn(() => api)

describe('name, description and labels', () => {
  test.each(vmState.enumValues)('change at once, without an operation, also of a VM that is %s', async (state) => {
    const vm = await aVm(api, { state, description: 'old', labels: { keep: '1', drop: '2' } })
    const name = `renamed-${vm.id}`
    const body = { name, description: 'new', labels: { drop: null, add: '3' } }
    const answer = await patch(vm, body)
    const expected = { name, description: 'new', labels: { keep: '1', add: '3' } }
    expect(answer).toMatchObject({ status: 200, body: { ...expected, status: { state } } })
    expect(await rowOf(vm)).toMatchObject({ ...expected, spec: vm.spec, changedFrom: null })
    expect(await operationsOf(vm)).toEqual([])
  })

  test('change while an operation is at work, which stays what it is', async () => {
    const vm = await aVm(api, { state: 'STARTING' })
    const current = await anOperation(api, vm, { status: 'running' })
    const answer = await patch(vm, { labels: { a: 'b' } })
    expect(answer).toMatchObject({ status: 200, body: { labels: { a: 'b' }, operation: { id: current.id } } })
  })

  test('null takes the description away, and all labels', async () => {
    const vm = await aVm(api, { description: 'old', labels: { a: 'b' } })
    expect((await patch(vm, { description: null, labels: null })).body).toMatchObject({ description: '', labels: {} })
  })

  test('a name that another VM has is refused with that VM', async () => {
    const [vm, other] = [await aVm(api), await aVm(api)]
    const before = await everything(api.database)
    expect(await patch(vm, { name: other.name })).toMatchObject({
      status: 409,
      body: { code: 'already_exists', reason: 'VM_NAME_TAKEN', details: { vmId: other.id } },
    })
    expect(await everything(api.database)).toEqual(before)
    expect((await patch(vm, { name: vm.name })).status).toBe(200)
  })

  test('are taken as a merge patch by its own media type', async () => {
    const vm = await aVm(api)
    const answer = await patch(vm, { description: 'new' }, { 'Content-Type': 'application/merge-patch+json' })
    expect(answer).toMatchObject({ status: 200, body: { description: 'new' } })
  })

  test('labels that Kubernetes would refuse are refused, and more than 64', async () => {
    const vm = await aVm(api, { labels: { a: '1' } })
    await expectRefused(vm, { labels: { '-a': 'b' } }, ['labels."-a"'])
    await expectRefused(vm, { labels: { a: 'b c' } }, ['labels.a'])
    const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`l${index}`, '']))
    await expectRefused(vm, { labels: many }, ['labels'])
    expect((await patch(vm, { labels: { ...many, a: null } })).status).toBe(200)
  })

  test('of patches at one moment none is lost', async () => {
    const vm = await aVm(api)
    const labelled = ['a', 'b', 'c'].map((label) => () => patch(vm, { labels: { [label]: '' } }))
    const answers = await raced(api, vm.id, labelled)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await rowOf(vm)).labels).toEqual({ a: '', b: '', c: '' })
  })
})

test('VMs are listed by their labels, page by page', async () => {
  const labels = [{ app: 'web', tier: 'front' }, { app: 'web' }, { app: 'db', tier: 'back' }, {}]
  const [front, web, db] = await Promise.all(labels.map((each) => aVm(api, { labels: { ...each, run: 'list' } })))
  const listed = async (selector: string, query = '') => {
    const { body } = await api.send('GET', `/api/v1/vms?labelSelector=${encodeURIComponent(selector)}${query}`)
    return { ids: body.items.map(({ id }: { id: string }) => id).toSorted(), next: body.nextCursor }
  }
  const ids = (...wanted: (VmRow | undefined)[]) => wanted.map((vm) => one(vm).id).toSorted()
  expect((await listed('run=list,app=web')).ids).toEqual(ids(front, web))
  expect((await listed('run=list,app=web,tier=front')).ids).toEqual(ids(front))
  expect((await listed('run=list,tier')).ids).toEqual(ids(front, db))
  expect((await listed('run=list,app=none')).ids).toEqual([])
  const first = await listed('run=list,app=web', '&limit=1')
  const second = await listed('run=list,app=web', `&limit=1&cursor=${first.next}`)
  expect([...first.ids, ...second.ids].toSorted()).toEqual(ids(front, web))
  for (const wrong of ['', 'a=b=c', 'a,,b', '-a', 'a=1,a=2', "a'; drop table vms"]) {
    const answer = await api.send('GET', `/api/v1/vms?labelSelector=${encodeURIComponent(wrong)}`)
    expect(answer, wrong).toMatchObject({ status: 400, body: { details: { problems: [{ field: 'labelSelector' }] } } })
  }
})

test('a VM is created with its labels', async () => {
  const spec = { cpu: { cores: 1 }, memory: { sizeMib: 64 } }
  const labels = { 'example.com/app': 'web' }
  expect((await api.send('POST', '/api/v1/vms', { name: 'labelled', labels, spec })).body).toMatchObject({ labels })
  const refused = await api.send('POST', '/api/v1/vms', { name: 'bad', labels: { 'a/b/c': '' }, spec })
  expect(refused).toMatchObject({ status: 400, body: { reason: 'INVALID_REQUEST' } })
})
