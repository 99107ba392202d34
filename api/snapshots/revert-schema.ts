import { z } from '@hono/zod-openapi'
import { exampleIds } from '#api/http/fields.ts'
import { vmExample, vmSchema } from '#api/vms/schemas.ts'

export const snapshotRevertInput = z
  .strictObject({
    startAfterRevert: z.boolean().default(false).openapi({
      description: 'Start the VM afterwards. After a memory snapshot it runs in any case.',
    }),
    discardCurrent: z.boolean().default(false).openapi({
      description: 'Keep nothing of what is current now. Without it, it becomes a snapshot of origin `revert`.',
    }),
  })
  .openapi('SnapshotRevertInput')

export const revertedVmSchema = vmSchema
  .extend({
    keptSnapshotId: z
      .uuid()
      .nullable()
      .openapi({ description: 'The snapshot that what was current becomes; null where nothing is kept.' }),
  })
  .openapi('RevertedVm')

const keptSnapshotId = '019377a4-1c00-7f3b-8a21-5d6e7f809102'

export const revertedVmExample = {
  ...vmExample,
  status: { ...vmExample.status, currentSnapshotId: exampleIds.snapshot },
  keptSnapshotId,
} satisfies z.infer<typeof revertedVmSchema>

export const acceptedRevertExample = {
  ...vmExample,
  status: { ...vmExample.status, state: 'REVERTING' },
  keptSnapshotId,
  operation: { id: exampleIds.operation, kind: 'snapshot.revert', status: 'queued' },
} satisfies z.infer<typeof revertedVmSchema>
