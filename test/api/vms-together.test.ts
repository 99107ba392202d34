import { beforeAll, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { startTestApi, type TestApi, wantedVm } from './test-api.ts'

/** Creates that come at the same moment share statements: none may be the worse for its company. */
let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const create = (body: object) => api.send('POST', '/api/v1/vms', body)

test('of many creates at once each gets its own VM and its own operation', async () => {
  const wanted = Array.from({ length: 150 }, () => wantedVm())
  const answers = await Promise.all(wanted.map(create))
  expect(answers.map(({ status, body }) => [status, body.name])).toEqual(wanted.map(({ name }) => [202, name]))
  const stored = await api.database.drizzle.select().from(vms)
  const recorded = await api.database.drizzle.select().from(operations)
  for (const { body } of answers) {
    expect(stored).toContainEqual(expect.objectContaining({ id: body.id, name: body.name }))
    expect(recorded).toContainEqual(
      expect.objectContaining({ id: body.operation.id, vmId: body.id, kind: 'vm.create', input: { vmId: body.id } }),
    )
  }
  expect(recorded).toHaveLength(150)
})

test('of many creates of few names at once exactly one per name wins, and the others learn which VM has it', async () => {
  const names = ['few-c', 'few-a', 'few-b']
  const answers = await Promise.all(
    Array.from({ length: 90 }, async (_, index) => create(wantedVm(names[index % names.length]))),
  )
  const made = answers.filter(({ status }) => status === 202)
  expect(made.map(({ body }) => body.name).sort()).toEqual(['few-a', 'few-b', 'few-c'])
  const ids = made.map(({ body }) => body.id).sort()
  const refused = answers.filter(({ body }) => body.reason === 'VM_NAME_TAKEN')
  expect(refused).toHaveLength(87)
  expect([...new Set(refused.map(({ body }) => body.details.vmId))].sort()).toEqual(ids)
})

test('a create that is refused leaves those beside it alone', async () => {
  await create(wantedVm('taken'))
  const tooLarge = { name: 'too-large', spec: { cpu: { cores: 1 }, memory: { sizeMib: 8193 } } }
  const wanted = [wantedVm(), wantedVm('taken'), wantedVm(), tooLarge, wantedVm()]
  const answers = await Promise.all(wanted.map(create))
  expect(answers.map(({ status, body }) => body.reason ?? status)).toEqual([
    202,
    'VM_NAME_TAKEN',
    202,
    'NODE_MEMORY_TOO_SMALL',
    202,
  ])
})

test('a create that the database does not take fails alone', async () => {
  await api.database.sql`alter table vms add constraint odd check (name <> 'odd')`
  const wanted = [wantedVm(), wantedVm('odd'), wantedVm(), wantedVm()]
  const answers = await Promise.all(wanted.map(create))
  await api.database.sql`alter table vms drop constraint odd`
  expect(answers.map(({ status }) => status)).toEqual([202, 500, 202, 202])
})
