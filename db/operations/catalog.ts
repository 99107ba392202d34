import { z } from 'zod'
import { deviceInputs } from './device-inputs.ts'

/**
 * Every kind of work a worker can do, and what it needs to do it: ids and options, never a spec.
 * A new field is optional for one release, so that operations recorded before it still parse.
 */
export const operationInputs = {
  /** Its id is the domain's, which may be any UUID. */
  'vm.adopt': z.object({ vmId: z.guid() }),
  'vm.create': z.object({ vmId: z.guid() }),
  'vm.start': z.object({ vmId: z.guid() }),
  'vm.stop': z.object({ vmId: z.guid(), force: z.boolean(), timeoutSeconds: z.int() }),
  /** `force` resets it. */
  'vm.reboot': z.object({ vmId: z.guid(), force: z.boolean(), timeoutSeconds: z.int() }),
  'vm.pause': z.object({ vmId: z.guid() }),
  'vm.resume': z.object({ vmId: z.guid() }),
  'vm.delete': z.object({ vmId: z.guid(), force: z.boolean(), deleteDisks: z.boolean().default(true) }),
  /** The spec is changed in the VM's row already, with what it was beside it. */
  'vm.update': z.object({ vmId: z.guid() }),
  'snapshot.create': z.object({ vmId: z.guid(), snapshotId: z.uuid() }),
  /** `keepAs`: the snapshot that what was current becomes; null discards it. */
  'snapshot.revert': z.object({
    vmId: z.guid(),
    snapshotId: z.uuid(),
    start: z.boolean(),
    keepAs: z.uuid().nullable(),
  }),
  'snapshot.delete': z.object({ vmId: z.guid(), snapshotId: z.uuid() }),
  ...deviceInputs,
} as const

export type OperationKind = keyof typeof operationInputs
export type OperationInput<K extends OperationKind> = z.infer<(typeof operationInputs)[K]>

/** The kinds, in the catalogue's order. */
export const operationKinds = Object.keys(operationInputs) as [OperationKind, ...OperationKind[]]
