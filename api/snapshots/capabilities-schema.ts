import { z } from '@hono/zod-openapi'
import { refusalReason } from '#api/http/fields.ts'
import { remedyActions } from '#db/rules/remedies.ts'
import { snapshotCapabilities } from '#db/rules/snapshot-capabilities.ts'
import { cpuModes } from '#db/vm-spec.ts'

const specChange = z.object({
  cpuMode: z.enum(cpuModes).optional(),
  cpu: z.object({ pinnedTsc: z.literal(true) }).optional(),
})

const remedySchema = z
  .object({
    action: z.enum(remedyActions),
    request: z
      .object({
        includeMemory: z.boolean().optional(),
        quiesce: z.boolean().optional(),
        quiescePolicy: z.literal('prefer').optional(),
        discardCurrent: z.boolean().optional(),
        force: z.literal(true).optional(),
      })
      .optional()
      .openapi({ description: 'What to change in the request.' }),
    spec: specChange.optional().openapi({ description: "What to change in the VM's spec." }),
    call: z
      .object({ method: z.literal('PATCH'), path: z.string(), body: z.object({ spec: specChange }) })
      .optional()
      .openapi({
        description: 'The request that changes it. The VM has it from its next start on: stop it, then start it.',
      }),
    needsRestart: z.boolean().openapi({ description: 'Whether the guest is interrupted.' }),
  })
  .openapi('Remedy')

const capabilitySchema = z
  .object({
    allowed: z.boolean(),
    reason: refusalReason,
    message: z.string().openapi({ description: 'For people: what it would be, or why it cannot be taken.' }),
    remedies: z.array(remedySchema).readonly(),
    sizeBytes: z.int().nullable().openapi({
      description: 'About what it takes at most when it is taken. It grows as the VM writes to its disks.',
    }),
  })
  .openapi('SnapshotCapability')

export const snapshotCapabilitiesSchema = z
  .object({
    memory: capabilitySchema,
    diskOnly: capabilitySchema,
    diskOnlyQuiesced: capabilitySchema,
    offline: capabilitySchema,
  })
  .openapi('SnapshotCapabilities')

/** A running Performance VM without a guest agent. */
export const snapshotCapabilitiesExample = snapshotCapabilities({
  vmId: '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11',
  state: 'RUNNING',
  cpu: { mode: 'host-passthrough', migratable: 'off', invtscPolicy: null, tscFrequencyHz: null },
  diskCount: 1,
  guestAgentConnected: false,
  memoryMib: 2048,
  freeBytes: null,
  snapshots: null,
  chain: null,
  vmRefusal: null,
}) satisfies z.infer<typeof snapshotCapabilitiesSchema>
