import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { nvramVolume } from '#worker/hypervisor/storage-names.ts'
import { type Fault, faultReason } from './fault.ts'
import { asSnapshot, forget, kindNow, type Model, type ModelSnapshot, targets, whileItRuns } from './model.ts'
import type { Operation } from './operation.ts'
import { carriedOut, followed } from './requests.ts'
import type { ModelSystem } from './system.ts'

type OperationOf<Word extends Operation['do']> = Extract<Operation, { do: Word }>

/** Does it to the VM and to the model. Resolves to false, and does nothing, where it does not apply. */
export async function perform(system: ModelSystem, model: Model, operation: Operation, snapshotsMax: number) {
  const { vmId: id } = model
  const { client, disks } = system
  switch (operation.do) {
    case 'write':
      return write(system, model, operation)
    case 'change NVRAM':
      return changeNvram(system, model, operation)
    case 'snapshot':
      return model.snapshots.length < snapshotsMax && snapshot(system, model, operation)
    case 'revert':
      return model.snapshots.length < snapshotsMax && revert(system, model, operation)
    case 'delete':
      return remove(system, model, operation)
    case 'start':
      if (model.state !== 'STOPPED') return false
      await succeeds(carriedOut(system, () => sdk.startVm({ client, path: { id } })))
      model.state = 'RUNNING'
      model.nvram = whileItRuns(model)
      return true
    case 'stop':
      if (model.state === 'STOPPED') return false
      await succeeds(carriedOut(system, () => sdk.stopVm({ client, path: { id }, body: { force: true } })))
      model.state = 'STOPPED'
      return true
    case 'kill QEMU':
      return killQemu(system, model)
    case 'suspend':
      if (model.state !== 'RUNNING') return false
      await disks.suspend(id)
      model.state = 'PAUSED'
      await followed(system, id, model.state)
      return true
    case 'resume':
      return model.state === 'PAUSED' && resume(system, model)
    case 'restart worker':
      await system.restartWorker()
      return true
  }
}

async function succeeds(call: Promise<{ operation: sdk.Operation }>): Promise<void> {
  const { operation } = await call
  expect({ status: operation.status, error: operation.error }).toEqual({ status: 'succeeded', error: null })
}

/** Whether the operation failed, which it must do where a fault says so, and nowhere else. */
function failedAsTold({ status, error }: sdk.Operation, fault: Fault | null): boolean {
  const fails = fault?.effect === 'fail'
  expect({ status, reason: error?.reason }).toEqual(
    fails ? { status: 'failed', reason: faultReason } : { status: 'succeeded', reason: undefined },
  )
  return fails
}

async function killQemu(system: ModelSystem, model: Model): Promise<boolean> {
  if (model.state === 'STOPPED') return false
  await system.disks.killQemu(model.vmId)
  model.state = 'STOPPED'
  await followed(system, model.vmId, model.state)
  return true
}

async function resume(system: ModelSystem, model: Model): Promise<true> {
  await system.disks.resume(model.vmId)
  model.state = 'RUNNING'
  await followed(system, model.vmId, model.state)
  return true
}

/** A guest that is paused writes nothing. */
async function write({ disks }: ModelSystem, model: Model, operation: OperationOf<'write'>): Promise<boolean> {
  const { disk, slot, value } = operation
  const target = targets[disk]
  if (model.state === 'PAUSED' || !target) return false
  await disks.write(model.vmId, target, slot, value)
  model.disks = model.disks.map((content, index) => (index === disk ? content.with(slot, value) : content))
  return true
}

/** Of a VM that never ran there is none. */
async function changeNvram({ disks }: ModelSystem, model: Model, { value }: OperationOf<'change NVRAM'>) {
  if (model.state !== 'STOPPED' || !model.nvram) return false
  await disks.changeNvram(model.vmId, value)
  model.nvram = await disks.digest(nvramVolume(model.vmId))
  return true
}

async function snapshot(system: ModelSystem, model: Model, operation: OperationOf<'snapshot'>): Promise<true> {
  const { includeMemory, prefersQuiesce, fault } = operation
  const quiesce = prefersQuiesce && !includeMemory && ({ quiesce: true, quiescePolicy: 'prefer' } as const)
  const body = { name: `snapshot-${model.named++}`, includeMemory, ...quiesce }
  const { data, operation: ended } = await carriedOut(
    system,
    () => sdk.createSnapshot({ client: system.client, path: { id: model.vmId }, body }),
    { fault },
  )
  const taken = asSnapshot(model, { id: data.id, origin: 'user', kind: kindNow(model, includeMemory) })
  // QEMU saves the memory of a guest that stands still since the last time not again.
  const mustRunFirst = ended.error?.reason === 'VM_IS_PAUSED' && model.state === 'PAUSED' && includeMemory
  if (mustRunFirst || failedAsTold(ended, fault)) {
    model.snapshots.push({ ...taken, state: 'FAILED', kind: null, parentId: null })
    model.littered = true
  } else {
    model.snapshots.push(taken)
    model.currentSnapshotId = taken.id
  }
  return true
}

async function revert(system: ModelSystem, model: Model, operation: OperationOf<'revert'>): Promise<boolean> {
  const { pick, fault, startAfterRevert, discardCurrent } = operation
  const to = picked(
    model.snapshots.filter(({ state }) => state === 'READY'),
    pick,
  )
  if (!to) return false
  const path = { id: model.vmId, snapshotId: to.id }
  const body = { startAfterRevert, discardCurrent }
  const { data, operation: ended } = await carriedOut(
    system,
    () => sdk.revertToSnapshot({ client: system.client, path, body }),
    { fault },
  )
  const { keptSnapshotId } = data
  expect(keptSnapshotId === null, 'nothing is kept').toBe(discardCurrent)
  model.littered = failedAsTold(ended, fault)
  // A revert that failed before it was written down is undone, but for the memory of a VM that ran.
  if (model.littered && fault?.step === 'revert') return true
  if (keptSnapshotId !== null) {
    model.snapshots.push(asSnapshot(model, { id: keptSnapshotId, origin: 'revert', kind: kindNow(model, false) }))
  }
  model.currentSnapshotId = to.id
  model.disks = [...to.disks]
  model.state = startAfterRevert || to.kind === 'memory' ? 'RUNNING' : 'STOPPED'
  model.nvram = model.state === 'RUNNING' ? whileItRuns(model) : to.nvram
  return true
}

/** What the guest has flushed before is on the disk, whatever is merged, and whenever the power goes. */
async function remove(system: ModelSystem, model: Model, operation: OperationOf<'delete'>): Promise<boolean> {
  const gone = picked(model.snapshots, operation.pick)
  if (!gone) return false
  const killedAfterMs = model.state === 'STOPPED' ? null : operation.killedAfterMs
  const fault = killedAfterMs === null ? operation.fault : null
  const begin = () => sdk.deleteSnapshot({ client: system.client, path: { id: model.vmId, snapshotId: gone.id } })
  const { operation: ended } = await carriedOut(system, begin, {
    fault,
    async meanwhile(deleted) {
      if (killedAfterMs === null) return
      await Promise.race([deleted, sleep(killedAfterMs, null, { ref: false })])
      await killQemu(system, model)
    },
  })
  if (ended.status === 'failed' && fault?.effect !== 'fail') {
    // QEMU merges nothing of a VM that is paused since before a memory snapshot, or that ends meanwhile.
    if (model.state === 'PAUSED') {
      expect(ended.error?.reason).toBe('VM_IS_PAUSED')
      await resume(system, model)
    } else expect(killedAfterMs, `why the delete failed: ${ended.error?.message}`).not.toBeNull()
    await succeeds(carriedOut(system, begin))
  } else if (failedAsTold(ended, fault)) {
    if (fault?.moment === 'after') gone.state = 'FAILED'
    model.littered = true
    return true
  }
  forget(model, gone)
  model.littered = false
  return true
}

/** Counted from the newest. */
const picked = (snapshots: readonly ModelSnapshot[], pick: number): ModelSnapshot | undefined =>
  snapshots.at(-1 - (pick % snapshots.length))
