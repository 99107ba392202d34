import type { Reverted, RevertRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { readState } from '../domain.ts'
import { correctClock } from '../guest-clock.ts'
import { destroyVm, startVm } from '../power.ts'
import { qmp } from '../qmp.ts'
import { redefine } from '../redefine.ts'
import { DomainRunningReason } from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import { withDiskFiles } from '../xml/disk-sources.ts'
import { clearAbandoned } from './abandoned.ts'
import { requireSoundDisks, type SoundVm } from './check-disks.ts'
import type { SnapshotDeps } from './create.ts'
import { hasStopped } from './has-stopped.ts'
import { isIdle } from './idle.ts'
import { nvramOfRevert } from './nvram.ts'
import { isOn, makeOverlays, overlaysOf, requireSameDisks } from './revert-disks.ts'
import type { RevertEntry, RevertJournal } from './revert-journal.ts'
import { describeCurrent, withSize } from './revert-kept.ts'
import { readSavedXml, restoreMemory } from './revert-memory.ts'
import { readVmState, type VmState } from './state.ts'

export interface RevertDeps extends SnapshotDeps {
  reverts: RevertJournal
}

/**
 * Puts a VM back to a snapshot. What may fail for lack of space, or because the snapshot is damaged, comes while the VM is
 * still as it was. From the journal's entry on, an attempt that was cut off anywhere can be made again, or undone.
 */
export async function revertToSnapshot(deps: RevertDeps, request: RevertRequest): Promise<Reverted> {
  const { connection, pool, reverts } = deps
  const { vmId, operationId, snapshot } = request
  const earlier = await reverts.read(vmId, operationId)
  const sound = await requireSoundDisks(deps, vmId)
  const { vm } = sound
  if (earlier?.reverted) return earlier.reverted
  const entry = earlier ?? (await prepare(deps, sound, request))
  if (!earlier || !(await isReverted(deps, vm.dom, request))) {
    await destroyVm(connection, vmId)
    // A guest may have run on what the earlier attempt made: its memory never goes onto that.
    if (earlier) await makeFiles(deps, request)
    await switchOver(deps, vm, request)
  }
  const reverted = {
    kept: entry.kept && (await withSize(pool, vmId, entry.kept)),
    clock:
      snapshot.memoryVolume === null ? null : await correctClock(deps.slowConnection, vm.dom, 'the snapshot was taken'),
  }
  await reverts.write({ ...entry, reverted })
  return reverted
}

/** A VM whose QEMU ends meanwhile is reverted as the stopped one that it is then. */
async function prepare(deps: RevertDeps, sound: SoundVm, request: RevertRequest): Promise<RevertEntry> {
  try {
    return await prepareSound(deps, sound, request)
  } catch (error) {
    const { state, dom } = sound.vm
    if (!isLibvirtError(error) || state === 'STOPPED' || !(await hasStopped(deps.connection, dom))) throw error
    return prepare(deps, await requireSoundDisks(deps, request.vmId), request)
  }
}

/** Everything that can be done, and can fail, before the VM is touched. */
async function prepareSound(deps: RevertDeps, sound: SoundVm, request: RevertRequest): Promise<RevertEntry> {
  const { connection, pool, settlements, reverts } = deps
  const { vmId, operationId, snapshot, keepAs } = request
  const { vm } = sound
  await settlements.settleVm(vmId)
  await clearAbandoned(deps, sound, operationId)
  requireSameDisks(vm, request)
  if (snapshot.memoryVolume !== null) await readSavedXml(deps, snapshot.memoryVolume)
  await makeFiles(deps, request)
  const entry = { vmId, operationId, ...(await describeCurrent(connection, pool, vm, keepAs)), reverted: null }
  await reverts.write(entry)
  return entry
}

/** Makes what the VM is to be put on. */
async function makeFiles({ pool }: RevertDeps, request: RevertRequest): Promise<void> {
  await makeOverlays(pool, request)
  await nvramOfRevert(pool, request).stage()
}

/** Puts the stopped VM on the overlays. Its settings stay what they are; a revert takes back disks and memory. */
async function switchOver(deps: RevertDeps, { dom }: VmState, request: RevertRequest): Promise<void> {
  const { connection, slowConnection, pool } = deps
  const { vmId, snapshot, start } = request
  await nvramOfRevert(pool, request).swap()
  await removeManagedSave(deps, dom)
  await redefine(connection, dom, (xml) => withDiskFiles(xml, overlaysOf(pool, request)))
  if (snapshot.memoryVolume !== null) {
    await restoreMemory(deps, snapshot.memoryVolume, overlaysOf(pool, request), () => isReverted(deps, dom, request))
  } else if (start) await startVm(slowConnection, vmId)
}

/** Whether the VM runs on the overlays, from what was asked. What stands still on them may be half restored. */
async function isReverted(deps: RevertDeps, dom: Domain, request: RevertRequest): Promise<boolean> {
  const { connection, pool } = deps
  const { vmId, snapshot, start } = request
  try {
    // A libvirtd that has just started tells the state of before, and may end what did not start completely; this waits.
    await qmp(connection, dom, 'query-status')
    const vm = await readVmState(connection, pool, vmId)
    if (vm.state !== 'RUNNING' || vm.disks.length === 0 || !isOn(vm, overlaysOf(pool, request))) return false
    if (!(await isIdle(connection, dom))) return false
    if (snapshot.memoryVolume === null) return start
    const { reason } = await readState(connection, dom)
    return reason !== DomainRunningReason.BOOTED
  } catch (error) {
    // It is off, or went off meanwhile.
    if (isLibvirtError(error)) return false
    throw error
  }
}

/** What libvirt saved when the node was shut down would be put back onto other disks at the next start. */
async function removeManagedSave({ connection }: RevertDeps, dom: Domain): Promise<void> {
  const { result } = await connection.call(remote.domainHasManagedSaveImage, { dom, flags: 0 })
  if (result === 1) await connection.call(remote.domainManagedSaveRemove, { dom, flags: 0 })
}
