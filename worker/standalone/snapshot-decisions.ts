import type { SnapshotRequest } from '#db/operations/begin-snapshot.ts'
import { keptNameLength } from '#db/operations/record-snapshot-revert.ts'
import type { SnapshotAction } from '#db/rules/snapshot-actions.ts'
import { newSnapshotRefusal } from '#db/rules/snapshot-capabilities.ts'
import { snapshotFacts } from '#db/rules/snapshot-facts.ts'
import { keepRefusal, snapshotChangeRefusal, snapshotNameTaken, snapshotNotFound } from '#db/rules/snapshot-refusal.ts'
import type { SnapshotCounts } from '#db/rules/vm-refusal.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { NodeDescription } from '#worker/hypervisor/port.ts'
import type { VmRecord } from './vm-files.ts'

/** Throws why the VM cannot have this snapshot now. */
export function checkNewSnapshot(
  record: VmRecord,
  wanted: SnapshotRequest,
  node: Pick<NodeDescription, 'storageFreeBytes' | 'libvirtVersion'>,
  maxSnapshots: number,
): void {
  const { vm, operation } = record
  const rows = { vm, operation, node, snapshotCount: countOf(record), lineLength: lineLength(record) }
  const refusal = newSnapshotRefusal(snapshotFacts(rows, maxSnapshots), wanted)
  if (refusal) throw refusal
  const namesake = namesakeOf(record, wanted.name)
  if (namesake) throw snapshotNameTaken(vm.name, wanted.name, namesake.id)
}

/** The snapshot of a VM. Throws why it may not begin the action now. */
export function checkSnapshotChange(record: VmRecord, snapshotId: string, action: SnapshotAction): SnapshotRow {
  const { vm, snapshots, operation } = record
  const snapshot = snapshots.find(({ id }) => id === snapshotId)
  if (!snapshot) throw snapshotNotFound(vm.id, snapshotId)
  const refusal = snapshotChangeRefusal(action, { vm, operation, snapshot })
  if (refusal) throw refusal
  return snapshot
}

/** Throws why what is current cannot be kept as another snapshot. */
export function checkRoomToKeep(record: VmRecord, maxSnapshots: number): void {
  const refusal = keepRefusal({ count: countOf(record), max: maxSnapshots })
  if (refusal) throw refusal
}

/** `before-revert-to-<name>`, with the first number behind it that makes it another name than those of the VM's snapshots. */
export function keptName(record: VmRecord, { name }: Pick<SnapshotRow, 'name'>): string {
  const base = [...`before-revert-to-${name}`].slice(0, keptNameLength).join('').trimEnd()
  for (let n = 1; ; n++) {
    const kept = n === 1 ? base : `${base}-${n}`
    if (!namesakeOf(record, kept)) return kept
  }
}

/** One that failed is in nobody's way: nothing of it is there. */
export function countSnapshots(record: VmRecord): SnapshotCounts {
  const memory = standing(record).filter(({ state, kind }) => state === 'READY' && kind === 'memory')
  return { any: countOf(record), memory: memory.length }
}

const standing = ({ snapshots }: VmRecord) => snapshots.filter(({ state }) => state !== 'FAILED')
const countOf = (record: VmRecord): number => standing(record).length
const namesakeOf = (record: VmRecord, name: string) => standing(record).find((snapshot) => snapshot.name === name)

/** How many snapshots the VM's disks came through to what they are. */
function lineLength({ vm, snapshots }: VmRecord): number {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]))
  let length = 0
  for (let id = vm.currentSnapshotId; id !== null && byId.has(id); id = byId.get(id)?.parentId ?? null) length++
  return length
}
