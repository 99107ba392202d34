import type { NodeRow } from '#db/schema/node.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { writableDisks } from '#db/vm-spec.ts'
import { overlaysMaxOf } from './chain-depth.ts'
import type { SnapshotFacts } from './snapshot-capabilities.ts'
import { type OperationAtWork, vmRefusal } from './vm-refusal.ts'

/** What rows say of a VM's snapshots. */
export interface SnapshotRows {
  vm: VmRow
  /** The VM's unfinished operation. */
  operation: OperationAtWork | null
  node: Pick<NodeRow, 'storageFreeBytes' | 'libvirtVersion'>
  /** Those that did not fail. */
  snapshotCount: number
  /** Of the current snapshot and all that it came from. */
  lineLength: number
}

/**
 * The facts that rows know. Each snapshot in line is an overlay of its own; files of deleted ones that others still stand on
 * make a chain longer, and only the node knows of them.
 */
export const snapshotFacts = (
  { vm, operation, node, snapshotCount, lineLength }: SnapshotRows,
  maxSnapshots: number,
): SnapshotFacts => ({
  vmId: vm.id,
  state: vm.state,
  cpu: vm.effectiveCpu,
  diskCount: writableDisks(vm.spec).length,
  guestAgentConnected: vm.guestAgentConnected,
  memoryMib: (vm.runningSpec ?? vm.spec).memory.sizeMib,
  freeBytes: node.storageFreeBytes,
  snapshots: { count: snapshotCount, max: maxSnapshots },
  chain: node.libvirtVersion === null ? null : { depth: lineLength, max: overlaysMaxOf(node.libvirtVersion) },
  vmRefusal: vmRefusal('snapshot', vm, operation),
})
