import { beforeAll, expect, test } from 'vitest'
import { requireRefusal } from './bad-request.ts'
import { type Action, deviceRequestsOn, mac, routes, spec, volume } from './device-requests.ts'
import { aVm, everything, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const send = deviceRequestsOn(() => api)

test.each([
  ['detachDisk', '/disks/vdz', 'DISK_NOT_FOUND'],
  ['resizeDisk', '/disks/vdz', 'DISK_NOT_FOUND'],
  ['changeMedia', '/cdroms/sdz/media', 'CDROM_NOT_FOUND'],
  ['detachNic', '/nics/52:54:00:00:00:99', 'NIC_NOT_FOUND'],
] as const)('%s of a device that the VM has not is not found', async (action, path, reason) => {
  const vm = await aVm(api, { spec })
  expect(await send(action, vm.id, { path })).toMatchObject({ status: 404, body: { code: 'not_found', reason } })
})

const bad: [string, Action, { path?: string; body?: unknown }, string][] = [
  ['a disk of nothing', 'attachDisk', { body: {} }, 'body'],
  ['a disk on a target that is taken', 'attachDisk', { body: { sizeGib: 1, target: 'vda' } }, 'target'],
  ['a disk on the target of a drive', 'attachDisk', { body: { sizeGib: 1, bus: 'sata', target: 'sda' } }, 'target'],
  ['a disk on a target of another bus', 'attachDisk', { body: { sizeGib: 1, target: 'sdb' } }, 'target'],
  ['a disk on IDE', 'attachDisk', { body: { sizeGib: 1, bus: 'ide' } }, 'bus'],
  ['native I/O through the page cache', 'attachDisk', { body: { sizeGib: 1, io: 'native', cache: 'writeback' } }, 'io'],
  ['an empty disk that nobody can write to', 'attachDisk', { body: { sizeGib: 1, readOnly: true } }, 'readOnly'],
  ['a disk of 0 GiB', 'attachDisk', { body: { sizeGib: 0 } }, 'sizeGib'],
  ['a base image that is a path', 'attachDisk', { body: { baseImage: '../a' } }, 'baseImage'],
  ['a volume that is a path', 'attachDisk', { body: { volume: `../${volume}` } }, 'volume'],
  ["another VM's disk", 'attachDisk', { body: { volume: '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11.vda.qcow2' } }, 'volume'],
  ['a volume with a size', 'attachDisk', { body: { volume, sizeGib: 1 } }, 'sizeGib'],
  ['a volume of an image', 'attachDisk', { body: { volume, baseImage: 'a.qcow2' } }, 'baseImage'],
  ['a field of ours', 'attachDisk', { body: { sizeGib: 1, path: '/etc/passwd' } }, 'path'],
  ['a size as text', 'resizeDisk', { body: { sizeGib: '9' } }, 'sizeGib'],
  ['no size', 'resizeDisk', { body: {} }, 'sizeGib'],
  ['an ISO that is a path', 'changeMedia', { body: { iso: '/etc/passwd' } }, 'iso'],
  ['no medium at all', 'changeMedia', { body: {} }, 'iso'],
  ['a card on nothing', 'attachNic', { body: {} }, 'body'],
  ['a card on two things', 'attachNic', { body: { network: 'a', bridge: 'b' } }, 'body'],
  ['a card with an address that is taken', 'attachNic', { body: { network: 'a', mac } }, 'mac'],
  ['an address for many', 'attachNic', { body: { network: 'a', mac: '01:00:5e:00:00:01' } }, 'mac'],
  ['a target that is none', 'detachDisk', { path: '/disks/x' }, 'target'],
  ['an address that is none', 'detachNic', { path: '/nics/x' }, 'mac'],
  ['a time that is none', 'detachDisk', { path: '/disks/vda?timeoutSeconds=x' }, 'timeoutSeconds'],
  ['a time of an hour', 'detachNic', { path: `/nics/${mac}?timeoutSeconds=3600` }, 'timeoutSeconds'],
]

test.each(bad)('%s is refused, and the answer names the field', async (_, action, { path, body }, field) => {
  const vm = await aVm(api, { spec })
  const before = await everything(api.database)
  const { method, path: own } = routes[action]
  const request = { method, path: `/api/v1/vms/${vm.id}${path ?? own}`, body }
  await requireRefusal(api, request, field, before)
})
