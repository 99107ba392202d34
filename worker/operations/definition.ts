import type { Database } from '#db/client.ts'
import type { ErrorRecord } from '#db/errors.ts'
import type { GuestCall } from '#db/guest-call.ts'
import type { ImageOperationKind, OperationInput, OperationKind, StorageOperationKind } from '#db/operations/catalog.ts'
import type { Claim } from '#db/operations/fence.ts'
import type { ResourceChange } from '#db/operations/resource-change.ts'
import type { OperationResult } from '#db/operations/result.ts'
import type { OperationProgress, StepOutputs } from '#db/schema/operation.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmSecrets } from '#db/secrets/vm-secrets.ts'
import type { StoredGuestCall } from '#db/stored-guest-calls.ts'
import type { Hypervisor, VmObservation } from '#worker/hypervisor/port.ts'
import type { ImageStore } from '#worker/images/image-store.ts'
import type { OperationLedger } from './ledger.ts'

/** What a step works with: the hypervisor, and the rows as they were at the claim. */
export type StepContext<K extends OperationKind> = CommonContext<K> &
  (K extends ImageOperationKind
    ? ImageContext
    : K extends StorageOperationKind
      ? StorageContext
      : K extends GuestCall
        ? GuestContext
        : VmContext)

interface VmContext {
  vm: VmRow
  /** Null for kinds that are not about a snapshot. */
  snapshot: SnapshotRow | null
  /** The VM's snapshots that are on the node: those that are ready, and one that is being deleted. */
  snapshots: readonly SnapshotRow[]
  secrets: VmSecrets
}

interface GuestContext extends VmContext {
  guestCall: StoredGuestCall
}

interface ImageContext extends ImageWork {
  ledger: OperationLedger
  claim: Claim
}

interface StorageContext {
  /** Of a pool's target or cluster, in clear; null where it asks for none. */
  readPoolSecret(storagePoolId: string): Promise<string | null>
}

/** What operations on images need of their node. */
export interface ImageWork {
  store: ImageStore
  /** Where the pieces of uploads come from, and who needs an image is known. */
  db: Database
}

interface CommonContext<K extends OperationKind> {
  operationId: string
  createdAt: Date
  input: OperationInput<K>
  hypervisor: Hypervisor
  /** What the steps before returned, by step name, and what was noted, as JSON keeps it. */
  outputs: StepOutputs
  /** Writes down, once, what a step must not forget before it goes on. Throws SupersededError. */
  note(name: string): Promise<void>
  /** What was reported last. */
  readonly progress: OperationProgress | null
  /** Says how far it is, about once a second. Throws `aborted` where somebody asked for its end, and SupersededError. */
  report(progress: OperationProgress): Promise<void>
  /** Aborted when the worker stops, or another request overtook this one; a step that waits ends then with `unavailable`. */
  signal: AbortSignal
}

/** The smallest part of an operation that can be repeated or undone. Its output is written down when it is done. */
export interface Step<K extends OperationKind> {
  name: string
  /** Spends its time waiting for the guest: takes none of the worker's places from operations that work. */
  waits?: true
  run(context: StepContext<K>): Promise<unknown>
  /** Removes what `run` did or may have half done; runs twice without harm. Left out where there is nothing to remove. */
  undo?(context: StepContext<K>): Promise<void>
}

export interface OperationDefinition<K extends OperationKind> {
  steps: readonly Step<K>[]
  /** What becomes of the rows when every step is done. */
  succeeded(context: StepContext<K>, observed: VmObservation | null): ResourceChange
  /** What it has to say when every step is done, beside what became of the VM. */
  result?(context: StepContext<K>): OperationResult | null
  /** What becomes of the rows when it failed and everything is undone. */
  failed(context: StepContext<K>, error: ErrorRecord, observed: VmObservation | null): ResourceChange
}
