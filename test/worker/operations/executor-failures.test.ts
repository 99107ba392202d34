import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { eventually } from '#test/db/eventually.ts'
import { anOperation, aVm, readOperation, readVm } from '#test/db/rows.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { anExecutor, aRunningVm, db, ended } from './an-executor.ts'

const away = () => new AppError('unavailable', 'away')

test('an operation that this release does not know fails, and does not come back', async () => {
  const { executor, claimant } = await anExecutor()
  const vm = await aVm(db, claimant.nodeId)
  const unknown = await anOperation(db, vm, 'vm.levitate' as never)
  const broken = await anOperation(db, await aVm(db, claimant.nodeId), 'vm.stop', { input: { force: 'perhaps' } })
  await executor.poll()
  for (const { id } of [unknown, broken]) {
    expect(await ended(id)).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'unimplemented' } })
  }
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'UNKNOWN' })
})

/** A node on which defining fails for good, and the calls named here fail, too. */
const failing = (faults: Partial<Record<string, () => Error | undefined>>) =>
  createSimulatedHypervisor({
    onCall(call, moment) {
      const error = moment === 'before' ? faults[call]?.() : undefined
      if (error) throw error
    },
  })

test('an undo that finds its server away goes on when it is back, and is never mistaken for the work', async () => {
  let awayTimes = 2
  const hypervisor = failing({
    defineVm: () => new AppError('internal', 'cannot define'),
    deleteVmFiles: () => (awayTimes-- > 0 ? away() : undefined),
  })
  const { executor, claimant } = await anExecutor({ hypervisor })
  const vm = await aVm(db, claimant.nodeId, { state: 'CREATING' })
  const { id } = await anOperation(db, vm, 'vm.create')
  await executor.wake(id)
  await eventually(async () => (await readOperation(db, id)).epoch === 0)
  expect(await readOperation(db, id)).toMatchObject({ status: 'undoing', error: { message: 'cannot define' } })
  await eventually(async () => {
    await executor.poll()
    return (await readOperation(db, id)).status === 'failed'
  })
  expect(await readOperation(db, id)).toMatchObject({ attempt: 3, error: { message: 'cannot define' } })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'FAILED', message: 'Failed to create: cannot define' })
  expect(hypervisor.contents.files).toEqual([])
})

test('what could not be undone is shown as unknown, with both reasons', async () => {
  const hypervisor = failing({
    defineVm: () => new AppError('internal', 'Cannot define.'),
    deleteVmFiles: () => new AppError('internal', 'Disk is broken.'),
  })
  const { executor, claimant } = await anExecutor({ hypervisor })
  const vm = await aVm(db, claimant.nodeId, { state: 'CREATING' })
  const { id } = await anOperation(db, vm, 'vm.create')
  await executor.wake(id)
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { message: 'Cannot define.' } })
  expect(await readVm(db, vm.id)).toMatchObject({
    state: 'UNKNOWN',
    message: 'Cannot define. What it left could not be removed: Disk is broken.',
  })
})

test('while an operation waits to be tried again, its VM says why', async () => {
  const hypervisor = failing({ startVm: away })
  const { executor, claimant } = await anExecutor({ hypervisor })
  const vm = await aVm(db, claimant.nodeId, { state: 'STARTING' })
  const { id } = await anOperation(db, vm, 'vm.start')
  await executor.wake(id)
  await eventually(async () => (await readOperation(db, id)).status === 'queued')
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STARTING', message: 'Trying again: away' })
})

test('an outage that does not end fails the operation at last', async () => {
  const hypervisor = failing({ startVm: away })
  const { executor, claimant } = await anExecutor({ hypervisor })
  const vm = await aRunningVm(createSimulatedHypervisor(), claimant.nodeId, { state: 'STARTING' })
  const { id } = await anOperation(db, vm, 'vm.start', { attempt: 1000 })
  await executor.wake(id)
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'unavailable' } })
})
