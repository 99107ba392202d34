import { z } from 'zod'
import { imageSource } from '#db/image-source.ts'
import { plainNamePattern } from '#db/plain-name.ts'
import { imageFormats } from '#db/schema/image.ts'
import { agentInputs } from './agent-inputs.ts'
import { deviceInputs } from './device-inputs.ts'
import { storageInputs } from './storage-inputs.ts'

const imageName = z.string().regex(plainNamePattern)

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
  /** The spec is changed in the VM's row already, with what it was beside it, and a password that is set is stored. */
  'vm.update': z.object({ vmId: z.guid(), displayPassword: z.enum(['set', 'removed']).optional() }),
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
  ...agentInputs,
  'image.import': z.object({
    imageId: z.uuid(),
    name: imageName,
    format: z.enum(imageFormats),
    source: imageSource,
  }),
  'image.delete': z.object({ imageId: z.uuid(), name: imageName }),
  ...storageInputs,
} as const

export type OperationKind = keyof typeof operationInputs
/** Those that are about an image. */
export type ImageOperationKind = Extract<OperationKind, `image.${string}`>
/** Those that are about a storage pool or a volume; all others are about a VM. */
export type StorageOperationKind = keyof typeof storageInputs
export type OperationInput<K extends OperationKind> = z.infer<(typeof operationInputs)[K]>

/** The kinds, in the catalogue's order. */
export const operationKinds = Object.keys(operationInputs) as [OperationKind, ...OperationKind[]]

/** Kinds that end early when somebody asks for it: their steps say how far they are, and learn of it then. */
export const cancellableKinds = ['image.import'] as const satisfies OperationKind[]
