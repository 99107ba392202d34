import { z } from '@hono/zod-openapi'
import { guestAnswers } from '#api/agent/schemas.ts'
import { errorRecordSchema } from '#api/http/error-schema.ts'
import { exampleIds, moment, orNull } from '#api/http/fields.ts'
import { maxWaitSeconds } from '#api/http/prefer.ts'
import { operationKinds } from '#db/operations/catalog.ts'
import { operationStatus } from '#db/schema/operation.ts'

const kind = z.enum(operationKinds).openapi({ description: 'What is done: `<resource>.<verb>`.', example: 'vm.create' })

const status = z.enum(operationStatus.enumValues).openapi({
  description: '`undoing`: it failed, `error` says why, and what it had done is being removed.',
  example: 'queued',
})

/** An unfinished operation as its resource shows it. */
export const operationRefSchema = z
  .object({ id: z.uuid().openapi({ example: exampleIds.operation }), kind, status })
  .openapi('OperationRef', { description: 'The unfinished operation of this resource; left out when there is none.' })

export const progressSchema = z
  .object({
    doneBytes: z.int().openapi({ description: 'They are on the disk of the node: an upload goes on from here.' }),
    totalBytes: z.int().nullable().openapi({ description: 'Null while it is not known.' }),
    changedAt: moment,
  })
  .openapi('OperationProgress', { description: 'How far it is, of kinds that move bytes.' })

const resultSchema = z
  .object({
    clock: z
      .object({
        corrected: z.boolean(),
        offsetSeconds: z.number().nullable().openapi({
          description:
            'How far the guest was ahead of the source before, negative when behind; null when it could not be read.',
        }),
        source: z.enum(['node']).nullable().openapi({ description: 'What it was set to; null when it was not set.' }),
        message: z.string().openapi({ description: 'For people.' }),
      })
      .optional()
      .openapi({ description: "Of `vm.resume`: how the guest's clock was corrected." }),
    volumes: z
      .array(
        z.object({
          target: z.string().openapi({ description: 'What the disk was in its VM.', example: 'vda' }),
          volume: z.string().openapi({ description: "Its name in the node's pool." }),
        }),
      )
      .optional()
      .openapi({
        description: 'Of `vm.delete` with `deleteDisks=false`, and of `disk.detach`: the disks that were kept.',
      }),
    unmanagedDisks: z
      .array(z.string())
      .optional()
      .openapi({
        description: 'Of `vm.delete` of an adopted VM: the disks that Quantix did not make, which stay where they are.',
        example: ['vda'],
      }),
    guest: z
      .union(Object.values(guestAnswers).map(({ schema }) => schema))
      .optional()
      .openapi({
        description: 'Of `agent.…`: what the guest answered, for an hour; lists leave it out.',
      }),
  })
  .openapi('OperationResult')

export const operationSchema = z
  .object({
    id: z.uuid(),
    kind,
    status,
    done: z.boolean().openapi({ description: 'Whether it succeeded or failed; nothing changes after that.' }),
    vmId: z.uuid().nullable().openapi({ description: 'The VM it is about, if it is about one.' }),
    imageId: z.uuid().nullable().openapi({ description: 'The image it is about, if it is about one.' }),
    storagePoolId: z.uuid().nullable().openapi({ description: 'The storage pool it is about, if it is about one.' }),
    volumeId: z.uuid().nullable().openapi({ description: 'The volume it is about, if it is about one.' }),
    snapshotId: z.uuid().nullable().openapi({ description: 'The snapshot it is about, if it is about one.' }),
    nodeId: z.uuid(),
    attempt: z.int().openapi({ description: 'How often a worker took it.' }),
    progress: orNull(progressSchema),
    cancelRequested: z
      .boolean()
      .openapi({ description: 'Somebody asked for its end; its worker ends it within seconds.' }),
    error: orNull(errorRecordSchema).openapi({ description: 'Why it failed.' }),
    result: orNull(resultSchema).openapi({
      description: 'What it has to say beside what became of its resource; null for most kinds.',
    }),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
  })
  .openapi('Operation')

export const operationQuery = z.object({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(maxWaitSeconds)
    .default(0)
    .openapi({ description: 'Seconds to wait for its end; the answer comes at once when it ended.', example: 10 }),
})

export const operationExample = {
  id: exampleIds.operation,
  kind: 'vm.create',
  status: 'succeeded',
  done: true,
  vmId: exampleIds.vm,
  imageId: null,
  storagePoolId: null,
  volumeId: null,
  snapshotId: null,
  nodeId: exampleIds.node,
  attempt: 1,
  progress: null,
  cancelRequested: false,
  error: null,
  result: null,
  createdAt: '2026-11-20T18:06:00.000Z',
  startedAt: '2026-11-20T18:06:00.004Z',
  finishedAt: '2026-11-20T18:06:00.210Z',
} as const satisfies z.infer<typeof operationSchema>

export const cancellingExample = {
  ...operationExample,
  kind: 'image.import',
  status: 'running',
  done: false,
  vmId: null,
  imageId: exampleIds.image,
  progress: { doneBytes: 104_857_600, totalBytes: 439_222_272, changedAt: '2026-11-20T18:06:03.000Z' },
  cancelRequested: true,
  finishedAt: null,
} as const satisfies z.infer<typeof operationSchema>

export const operationPageSchema = z
  .object({ items: z.array(operationSchema), nextCursor: z.string().nullable() })
  .openapi('OperationPage')
