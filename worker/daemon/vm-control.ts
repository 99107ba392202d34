import type { VmRequest } from '#db/operations/begin-action.ts'
import type { SnapshotRequest } from '#db/operations/begin-snapshot.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import type { DeviceChange } from '#db/rules/device-change.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { GivenSecrets } from '#db/secrets/sealed-secrets.ts'
import type { VmSpec } from '#db/vm-spec.ts'

/** A VM with its snapshots, oldest first. */
export interface KnownVm {
  vm: VmRow
  snapshots: readonly SnapshotRow[]
}

export interface NewVm {
  vmId: string
  name: string
  labels: Record<string, string>
  spec: VmSpec
  /** In clear. */
  secrets: GivenSecrets
}

/**
 * Who decides over the node's VMs, and remembers them. What is asked for is an operation, by the rules and the steps of
 * every operation; each call resolves when it has ended, and throws what it failed with.
 */
export interface VmControl {
  /** Throws `not_found`. */
  find(vmId: string): Promise<KnownVm>
  /** Of these, or of all, those that are there. */
  list(vmIds?: readonly string[]): Promise<VmRow[]>
  /** Resolves to whether it made the VM: the same one may be there already. */
  create(wanted: NewVm): Promise<boolean>
  perform<K extends OperationKind>(request: VmRequest<K>): Promise<void>
  /** Does what `decide` makes of the VM as it is remembered; it may be asked again when that has changed meanwhile. */
  changeDevices(vmId: string, decide: (vm: VmRow) => DeviceChange): Promise<void>
  takeSnapshot(vmId: string, wanted: SnapshotRequest): Promise<SnapshotRow>
  /** What is current becomes a snapshot itself. */
  revert(vmId: string, snapshotId: string): Promise<void>
  deleteSnapshot(vmId: string, snapshotId: string): Promise<void>
}
