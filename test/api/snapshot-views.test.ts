import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { vms } from '#db/schema/vm.ts'
import { anOperation, aSnapshot, aVm, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const hostModel = { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null } as const

test('a snapshot shows what was really taken, and a failed one why', async () => {
  const vm = await aVm(api)
  const takenAt = new Date('2026-11-20T18:10:01.120Z')
  const taken = await aSnapshot(api, vm, {
    kind: 'memory',
    consistency: 'memory',
    sizeBytes: 8_589_934_592,
    effectiveCpu: hostModel,
    takenAt,
    notice: 'The guest agent is not connected.',
    freeze: { fileSystems: ['/', '/home'], durationMs: 12 },
    machineType: 'pc-q35-7.2',
    libvirtVersion: '9.0.0',
    qemuVersion: '7.2.0',
    quiescePolicy: 'prefer',
    quiesceTimeoutSeconds: 5,
    origin: 'schedule',
    domainXml: '<domain/>',
  })
  const failed = await aSnapshot(api, vm, {
    state: 'FAILED',
    error: { code: 'unavailable', message: 'No space', reason: 'NO_SPACE' },
  })
  const { body } = await api.send('GET', `/api/v1/vms/${vm.id}/snapshots`)
  expect(body.items).toMatchObject([
    { id: failed.id, status: { state: 'FAILED', error: { code: 'unavailable', reason: 'NO_SPACE' } } },
    {
      id: taken.id,
      status: { state: 'READY', error: null },
      kind: 'memory',
      consistency: 'memory',
      sizeBytes: 8_589_934_592,
      effectiveCpu: hostModel,
      notice: 'The guest agent is not connected.',
      freeze: { fileSystems: ['/', '/home'], durationMs: 12 },
      machineType: 'pc-q35-7.2',
      libvirtVersion: '9.0.0',
      qemuVersion: '7.2.0',
      quiescePolicy: 'prefer',
      quiesceTimeoutSeconds: 5,
      origin: 'schedule',
      current: false,
      takenAt: takenAt.toISOString(),
    },
  ])
  expect(body.items[1]).not.toHaveProperty('domainXml')
})

test('pages hold the VM’s own snapshots, newest first', async () => {
  const vm = await aVm(api)
  const own: string[] = []
  for (let count = 0; count < 5; count++) own.push((await aSnapshot(api, vm)).id)
  await aSnapshot(api, await aVm(api))
  const path = `/api/v1/vms/${vm.id}/snapshots?limit=4`
  const first = await api.send('GET', path)
  const second = await api.send('GET', `${path}&cursor=${first.body.nextCursor}`)
  expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(own.toSorted().reverse())
  expect(second.body.nextCursor).toBeNull()
})

test('the tree is shown: parents, and what the disks came from', async () => {
  const vm = await aVm(api)
  const root = await aSnapshot(api, vm)
  const child = await aSnapshot(api, vm, { parentId: root.id })
  await api.database.drizzle.update(vms).set({ currentSnapshotId: root.id }).where(eq(vms.id, vm.id))
  const { body } = await api.send('GET', `/api/v1/vms/${vm.id}/snapshots`)
  expect(body.items).toMatchObject([
    { id: child.id, parentId: root.id, current: false },
    { id: root.id, parentId: null, current: true },
  ])
  expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body.status.currentSnapshotId).toBe(root.id)
})

test('the snapshots of one origin are listed by themselves', async () => {
  const vm = await aVm(api)
  const own = await aSnapshot(api, vm)
  await aSnapshot(api, vm, { origin: 'schedule' })
  const { body } = await api.send('GET', `/api/v1/vms/${vm.id}/snapshots?origin=user`)
  expect(body.items.map(({ id }: { id: string }) => id)).toEqual([own.id])
})

test('another operation of the VM is not shown with a snapshot', async () => {
  const vm = await aVm(api)
  const snapshot = await aSnapshot(api, vm)
  await anOperation(api, vm, { kind: 'vm.start' })
  const { body } = await api.send('GET', `/api/v1/vms/${vm.id}/snapshots/${snapshot.id}`)
  expect(body).not.toHaveProperty('operation')
})
