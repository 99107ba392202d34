import type { NodeRow } from '#db/schema/node.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { SnapshotFacts } from './snapshot-capabilities.ts'
import { type OperationAtWork, vmRefusal } from './vm-refusal.ts'

/** What rows say of a VM's snapshots. */
export interface SnapshotRows {
  vm: VmRow
  /** The VM's unfinished operation. */
  operation: OperationAtWork | null
  node: Pick<NodeRow, 'storageFreeBytes'>
  /** Those that did not fail. */
  snapshotCount: number
}

/** The facts that rows know. How deep its chains are only the node does. */
export const snapshotFacts = (
  { vm, operation, node, snapshotCount }: SnapshotRows,
  maxSnapshots: number,
): SnapshotFacts => ({
  vmId: vm.id,
  state: vm.state,
  cpu: vm.effectiveCpu,
  diskCount: vm.spec.disks.length,
  guestAgentConnected: vm.guestAgentConnected,
  memoryMib: vm.spec.memory.sizeMib,
  freeBytes: node.storageFreeBytes,
  snapshots: { count: snapshotCount, max: maxSnapshots },
  chain: null,
  vmRefusal: vmRefusal('snapshot', vm, operation),
})
