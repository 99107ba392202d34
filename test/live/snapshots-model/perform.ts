import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { RevertRequest } from '#worker/hypervisor/port.ts'
import type { DiskAccess } from './disk-access.ts'
import { follow, kindNow, type Model, type ModelSnapshot, remember, storedSnapshots, targets } from './model.ts'
import type { Operation } from './operation.ts'

type OperationOf<Word extends Operation['do']> = Extract<Operation, { do: Word }>

const consistencyOf = { memory: 'memory', 'disk-only': 'crash', offline: 'offline' } as const

/** Does it to the VM and to the model. Resolves to false, and does nothing, where it does not apply. */
export async function perform(node: DiskAccess, model: Model, operation: Operation, snapshotsMax: number) {
  const { vmId } = model
  const { hypervisor } = node
  switch (operation.do) {
    case 'write':
      return write(node, model, operation)
    case 'snapshot':
      return model.snapshots.length < snapshotsMax && snapshot(node, model, operation)
    case 'revert':
      return model.snapshots.length < snapshotsMax && revert(node, model, operation)
    case 'undo a revert':
      return undoRevert(node, model, operation)
    case 'delete':
      return remove(node, model, operation)
    case 'discard':
      return discard(node, model, operation)
    case 'start':
      if (model.state !== 'STOPPED') return false
      await hypervisor.startVm(vmId)
      model.state = 'RUNNING'
      return true
    case 'stop':
      if (model.state === 'STOPPED') return false
      await hypervisor.destroyVm(vmId)
      model.state = 'STOPPED'
      return true
    case 'kill QEMU':
      return killQemu(node, model)
    case 'suspend':
      if (model.state !== 'RUNNING') return false
      await node.suspend(vmId)
      model.state = 'PAUSED'
      return true
    case 'resume':
      if (model.state !== 'PAUSED') return false
      await node.resume(vmId)
      model.state = 'RUNNING'
      return true
    case 'restart worker':
      await node.restartWorker()
      return true
  }
}

async function killQemu(node: DiskAccess, model: Model): Promise<boolean> {
  if (model.state === 'STOPPED') return false
  await node.killQemu(model.vmId)
  model.state = 'STOPPED'
  return true
}

/** A guest that is paused writes nothing. */
async function write(node: DiskAccess, model: Model, { disk, slot, value }: OperationOf<'write'>): Promise<boolean> {
  const target = targets[disk]
  if (model.state === 'PAUSED' || !target) return false
  await node.write(model.vmId, target, slot, value)
  model.disks = model.disks.map((content, index) => (index === disk ? content.with(slot, value) : content))
  return true
}

async function snapshot({ hypervisor }: DiskAccess, model: Model, operation: OperationOf<'snapshot'>): Promise<true> {
  const { includeMemory, prefersQuiesce, twice } = operation
  const kind = kindNow(model, includeMemory)
  const quiesce = prefersQuiesce && !includeMemory ? { policy: 'prefer' as const, timeoutSeconds: 60 } : null
  const request = { vmId: model.vmId, snapshotId: randomUUID(), includeMemory, quiesce }
  const taken = await hypervisor.createSnapshot(request)
  expect(taken).toMatchObject({ kind, consistency: consistencyOf[kind] })
  if (twice) expect((await hypervisor.createSnapshot(request)).disks).toEqual(taken.disks)
  remember(model, request.snapshotId, taken, model.disks)
  return true
}

async function revert(node: DiskAccess, model: Model, operation: OperationOf<'revert'>): Promise<boolean> {
  const to = picked(model, operation.pick)
  if (!to) return false
  const request = revertRequest(model, to, operation)
  const before = { disks: model.disks, kind: kindNow(model, false) }
  const reverted = await node.hypervisor.revertToSnapshot(request)
  const { kept } = operation.twice ? await node.hypervisor.revertToSnapshot(request) : reverted
  model.disks = to.disks
  model.state = operation.start || to.stored.kind === 'memory' ? 'RUNNING' : 'STOPPED'
  if (request.keepAs === null) expect(kept).toBeNull()
  else {
    expect(kept).toMatchObject({ kind: before.kind, consistency: consistencyOf[before.kind], memoryVolume: null })
    if (kept) remember(model, request.keepAs, kept, before.disks)
  }
  model.littered = true
  if (operation.reclaim) await reclaim(node, model)
  return true
}

/** A revert whose operation failed afterwards: all is as before, but for the memory of a VM that ran. */
async function undoRevert(node: DiskAccess, model: Model, operation: OperationOf<'undo a revert'>): Promise<boolean> {
  const to = picked(model, operation.pick)
  if (!to) return false
  const request = revertRequest(model, to, operation)
  await node.hypervisor.revertToSnapshot(request)
  for (let time = 0; time < (operation.twice ? 2 : 1); time++) await node.hypervisor.undoRevert(request)
  model.littered = true
  return true
}

const revertRequest = (
  { vmId }: Model,
  { stored }: ModelSnapshot,
  { start, keep }: { start: boolean; keep: boolean },
): RevertRequest => ({
  vmId,
  operationId: randomUUID(),
  snapshot: stored,
  keepAs: keep ? randomUUID() : null,
  start,
})

/** What the guest has flushed before is on the disk, whatever is merged, and whenever the power goes. */
async function remove(node: DiskAccess, model: Model, operation: OperationOf<'delete'>): Promise<boolean> {
  const gone = picked(model, operation.pick)
  if (!gone) return false
  model.snapshots = model.snapshots.filter((snapshot) => snapshot !== gone)
  const { killedAfterMs } = operation
  if (killedAfterMs === null || model.state === 'STOPPED') await reclaim(node, model)
  else await reclaimKilled(node, model, killedAfterMs)
  if (operation.twice) {
    const again = await node.hypervisor.reclaimFiles({ vmId: model.vmId, keep: storedSnapshots(model) })
    expect(again).toEqual({ moved: [], copiedBytes: 0, freedBytes: 0 })
  }
  return true
}

/** A delete that fails because its VM ended is tried again, as its operation is. */
async function reclaimKilled(node: DiskAccess, model: Model, afterMs: number): Promise<void> {
  const ended = reclaim(node, model).then(
    () => null,
    (error: unknown) => error,
  )
  await Promise.race([ended, sleep(afterMs, null, { ref: false })])
  await killQemu(node, model)
  if ((await ended) !== null) await reclaim(node, model)
}

async function reclaim(node: DiskAccess, model: Model): Promise<void> {
  const request = { vmId: model.vmId, keep: storedSnapshots(model) }
  const { moved } = await node.hypervisor.reclaimFiles(request).catch(async (error) => {
    // QEMU merges nothing of a VM that is paused since before a memory snapshot.
    if (error.reason !== 'VM_IS_PAUSED' || model.state !== 'PAUSED') throw error
    await node.resume(model.vmId)
    model.state = 'RUNNING'
    return node.hypervisor.reclaimFiles(request)
  })
  follow(model, moved)
  model.littered = false
}

/** As the operation does after a snapshot that failed, whether it was taken or not. */
async function discard({ hypervisor }: DiskAccess, model: Model, operation: OperationOf<'discard'>): Promise<true> {
  const snapshotId = randomUUID()
  if (operation.snapshot === 'just taken') {
    await hypervisor.createSnapshot({ vmId: model.vmId, snapshotId, includeMemory: false, quiesce: null })
    model.littered = true
  }
  await hypervisor.discardSnapshot(model.vmId, snapshotId)
  return true
}

/** Counted from the newest. */
const picked = ({ snapshots }: Model, pick: number): ModelSnapshot | undefined =>
  snapshots.at(-1 - (pick % snapshots.length))
