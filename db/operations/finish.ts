import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'

/** What an operation's end writes beside its own row, in the same transaction. */
export interface ResourceChange {
  vm?: Partial<Pick<VmRow, 'state' | 'message' | 'effectiveCpu' | 'startedAt'>> | 'delete'
  snapshot?: Partial<Omit<SnapshotRow, 'id' | 'vmId' | 'name' | 'createdAt'>>
}
