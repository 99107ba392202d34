import { expect, test } from 'vitest'
import { secretBox } from '#db/secrets/secret-box.ts'
import { requireRefusal } from './bad-request.ts'
import { everything, startTestApi, wantedVm } from './test-api.ts'

const api = await startTestApi()

const canary = 'canary-4711'
const wanted = (spec: object) => ({ ...wantedVm(), spec: { ...wantedVm().spec, ...spec } })
const create = (spec: object) => api.send('POST', '/api/v1/vms', wanted(spec))

test('a VM shows that it has cloud-init data and a password, and never what they are', async () => {
  const cloudInit = {
    userData: `#cloud-config\npassword: ${canary}\n`,
    metaData: `local-hostname: ${canary}`,
    networkConfig: `version: 2\n# ${canary}`,
  }
  const made = await create({ cloudInit, display: { type: 'spice', password: canary } })
  expect(made.status).toBe(202)
  expect(made.body.spec).toMatchObject({
    cloudInit: { target: 'vdb', bus: 'virtio', userDataSet: true, metaDataSet: true, networkConfigSet: true },
    display: { type: 'spice', passwordSet: true },
  })
  const answers = await Promise.all(
    [`/${made.body.id}`, '', `/${made.body.id}/events`].map((rest) => api.send('GET', `/api/v1/vms${rest}`)),
  )
  expect(JSON.stringify([made.body, ...answers.map(({ body }) => body)])).not.toContain(canary)
  expect(JSON.stringify([api.log.lines, api.doorbell.rings])).not.toContain(canary)
  const tables = await api.database.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`
  expect(tables.length).toBeGreaterThan(5)
  for (const { name } of tables) {
    const rows = await api.database.sql`select row_to_json(each) as row from ${api.database.sql(name)} each`
    expect(JSON.stringify(rows), name).not.toContain(canary)
  }
  const [stored] = await api.database.sql`select count(*)::int from vm_secrets where vm_id = ${made.body.id}`
  expect(stored?.count).toBe(4)
})

test('the drive with the data is on the bus of the first disk, under a name that no other drive has', async () => {
  const targets = async (spec: object) => {
    const { target, bus } = (await create({ cloudInit: {}, ...spec })).body.spec.cloudInit
    return `${target} ${bus}`
  }
  expect(await targets({})).toBe('vdb virtio')
  expect(await targets({ disks: [{ sizeGib: 1, target: 'vdb' }] })).toBe('vda virtio')
  expect(await targets({ disks: [{ sizeGib: 1, bus: 'scsi' }], cdroms: [{}] })).toBe('sdc scsi')
  expect(await targets({ guestOs: 'windows_server', disks: [] })).toBe('sda sata')
})

const yaml = (text: string) => ({ cloudInit: { userData: `#cloud-config\n${text}` } })
const bomb = `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`

const refused: [string, object, string, RegExp][] = [
  [
    'user-data without a header',
    { cloudInit: { userData: `users: [${canary}]` } },
    'cloudInit.userData',
    /must begin with #cloud-config/,
  ],
  ['empty user-data', { cloudInit: { userData: '' } }, 'cloudInit.userData', /must begin with #cloud-config/],
  [
    'user-data of more than 64 KiB',
    { cloudInit: { userData: `#!/bin/sh\n${'é'.repeat(32_768)}` } },
    'cloudInit.userData',
    /at most 64 KiB/,
  ],
  ['user-data with NUL', { cloudInit: { userData: '#!/bin/sh\n\0' } }, 'cloudInit.userData', /text without NUL/],
  [
    'a cloud-config that is not YAML',
    yaml(`a: [${canary}`),
    'cloudInit.userData',
    /is not YAML \(\w+ at line \d+, column \d+\)/,
  ],
  ['a cloud-config that is a list', yaml('- a'), 'cloudInit.userData', /must hold a mapping/],
  ['a YAML bomb', yaml(bomb), 'cloudInit.userData', /nests or refers to itself too often/],
  ['a YAML of 60,000 brackets', yaml('['.repeat(60_000)), 'cloudInit.userData', /YAML/],
  ['meta-data that is no mapping', { cloudInit: { metaData: canary } }, 'cloudInit.metaData', /must be a mapping/],
  [
    'a network config without a version',
    { cloudInit: { networkConfig: 'ethernets: {}' } },
    'cloudInit.networkConfig',
    /version: 1 or version: 2/,
  ],
  ['an unknown field', { cloudInit: { vendorData: '' } }, 'cloudInit.vendorData', /unknown field/],
  ['what only answers say', { cloudInit: { userDataSet: true } }, 'cloudInit.userDataSet', /unknown field/],
  [
    'a VNC password of 9 characters',
    { display: { password: '123456789' } },
    'display.password',
    /VNC compares no more/,
  ],
  [
    'a SPICE password of 61 characters',
    { display: { type: 'spice', password: 'a'.repeat(61) } },
    'display.password',
    /60/,
  ],
  ['an empty password', { display: { password: '' } }, 'display.password', /1/],
  ['a password with a line break', { display: { password: 'a\nb' } }, 'display.password', /printable ASCII/],
  [
    'a password of no display',
    { display: { type: 'none', password: 'a' }, video: { model: 'none' } },
    'display.password',
    /needs a display/,
  ],
]

test.for(refused)('%s is refused by name, and not repeated', async ([, spec, field, message]) => {
  const request = { method: 'POST', path: '/api/v1/vms', body: wanted(spec) }
  const answer = await requireRefusal(api, request, `spec.${field}`, await everything(api.database))
  expect(answer.body.message).toMatch(message)
  expect(JSON.stringify(answer.body)).not.toContain(canary)
})

test.for([
  '#cloud-config',
  '#cloud-config\n{}',
  '\n#Cloud-Config\na: 1\na: 2\n',
  '#cloud-config-archive\n- a',
  '#!/bin/sh\nexit',
  '#include\nhttps://example.com/a',
  '## template: jinja\n#cloud-config\na: {{ b }}',
  'Content-Type: multipart/mixed; boundary="x"\nMIME-Version: 1.0\n\n--x--',
  '#ps1_sysnative\nexit',
  '<powershell></powershell>',
])('user-data that cloud-init or cloudbase-init knows is taken: %j', async (userData) => {
  expect((await create({ cloudInit: { userData } })).status).toBe(202)
})

test.for(['version: 2', 'network: {version: 1, config: []}', 'config: disabled', '{"version": 2, "ethernets": {}}'])(
  'a network config that cloud-init knows is taken: %j',
  async (networkConfig) => {
    expect((await create({ cloudInit: { networkConfig } })).status).toBe(202)
  },
)

test('an API without a key refuses secrets with what to set, and makes VMs without them', async () => {
  const keyless = await startTestApi({ database: api.database, secretBox: secretBox([]) })
  const before = await everything(api.database)
  for (const spec of [{ display: { password: 'canary' } }, { cloudInit: { userData: '#!/bin/sh' } }]) {
    const answer = await keyless.send('POST', '/api/v1/vms', wanted(spec))
    expect(answer).toMatchObject({ status: 409, body: { reason: 'SECRET_KEY_MISSING' } })
    expect(answer.body.message).toContain('QUANTIX_SECRET_KEY')
  }
  expect(await everything(api.database)).toEqual(before)
  expect((await keyless.send('POST', '/api/v1/vms', wanted({ cloudInit: {} }))).status).toBe(202)
})

test('a VM that is gone leaves no secrets', async () => {
  const { body } = await create({ display: { password: 'k3T9w2Qa' } })
  await api.database.sql`delete from vms where id = ${body.id}`
  expect([...(await api.database.sql`select from vm_secrets where vm_id = ${body.id}`)]).toEqual([])
})

test('a change of the spec keeps what is secret, and does not change it', async () => {
  const { body } = await create({ cloudInit: { userData: '#!/bin/sh' }, display: { password: 'k3T9w2Qa' } })
  await api.database.sql`update operations set status = 'succeeded' where vm_id = ${body.id}`
  await api.database.sql`update vms set state = 'STOPPED' where id = ${body.id}`
  const patch = (spec: object) => api.send('PATCH', `/api/v1/vms/${body.id}`, { spec })
  const { cloudInit, display } = body.spec
  const changed = await patch({ cpu: { cores: 2 }, cloudInit, display })
  expect(changed).toMatchObject({ status: 202, body: { spec: { cpu: { cores: 2 }, cloudInit, display } } })
  await api.database.sql`update operations set status = 'succeeded' where vm_id = ${body.id}`
  for (const [spec, field] of [
    [{ cloudInit: null }, 'spec.cloudInit'],
    [{ display: { passwordSet: false } }, 'spec.display.passwordSet'],
    [{ display: { password: 'other' } }, 'spec.display.password'],
  ] as const) {
    const answer = await patch(spec)
    expect(answer).toMatchObject({ status: 400, body: { details: { problems: [{ field }] } } })
  }
})
