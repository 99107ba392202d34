import { expect, test } from 'vitest'
import { vmCreateInput } from '#api/vms/schemas.ts'
import { asCurl } from '#web/create/as-code.ts'
import { type Draft, emptyDraft, problemsOf, requestOf } from '#web/create/draft.ts'

const named: Draft = { ...emptyDraft, name: 'web-1' }

test('a name is enough', () => {
  expect(problemsOf(emptyDraft)).toMatchObject([{ step: 'basics', field: 'name' }])
  expect(problemsOf(named)).toEqual([])
  expect(vmCreateInput.parse(requestOf(named))).toMatchObject({
    name: 'web-1',
    spec: { cpuMode: 'host-model', cpu: { cores: 2, sockets: 1 }, memory: { sizeMib: 2048 }, disks: [{ sizeGib: 10 }] },
  })
})

test('cores of all sockets are asked for together', () => {
  const { spec } = requestOf({ ...named, coresPerSocket: 4, sockets: 2, cpuMode: 'host-passthrough' })
  expect(spec).toMatchObject({ cpuMode: 'host-passthrough', cpu: { cores: 8, sockets: 2 } })
})

test.each<[string, Partial<Draft>, object]>([
  [
    'a base image',
    { bootFrom: 'image', image: 'debian.qcow2', diskSizes: [null, 5] },
    { disks: [{ baseImage: 'debian.qcow2' }, { sizeGib: 5 }] },
  ],
  [
    'an ISO',
    { bootFrom: 'iso', image: 'setup.iso' },
    { disks: [{ sizeGib: 10 }], cdroms: [{ iso: 'setup.iso' }], bootOrder: ['disk', 'cdrom'] },
  ],
  ['a bridge', { network: { kind: 'bridge', name: 'br0' } }, { nics: [{ bridge: 'br0' }] }],
  ['a guest OS', { guestOs: 'debian' }, { guestOs: 'debian' }],
])('what %s makes of the request is what the API takes', (_, part, spec) => {
  const draft = { ...named, ...part }
  expect(problemsOf(draft)).toEqual([])
  const request = requestOf(draft)
  expect(request.spec).toMatchObject(spec)
  expect(vmCreateInput.safeParse(request)).toMatchObject({ success: true })
})

test.each<[string, Partial<Draft>, string]>([
  ['no image', { bootFrom: 'image' }, 'image'],
  ['a network without a name', { network: { kind: 'network', name: '' } }, 'networkName'],
  ['a name with a space', { name: 'web 1' }, 'name'],
])('%s is a problem of its field', (_, part, field) => {
  expect(problemsOf({ ...named, ...part })).toMatchObject([{ field }])
})

test('a shell reads the request as it is, also with quotes in it', () => {
  const description = "it's $(reboot) `reboot`"
  const command = asCurl('http://localhost', requestOf({ ...named, description }))
  expect(command).toContain(`it'\\''s $(reboot) \`reboot\``)
})
