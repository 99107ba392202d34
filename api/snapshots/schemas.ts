import { z } from '@hono/zod-openapi'
import { errorRecordSchema } from '#api/http/error-schema.ts'
import { description, exampleIds, idParam, moment, orNull } from '#api/http/fields.ts'
import { pageQuery } from '#api/http/paging.ts'
import { operationRefSchema } from '#api/operations/schemas.ts'
import { cpuFactsSchema } from '#api/vms/schemas.ts'
import { snapshotNamePattern } from '#db/given-names.ts'
import { quiescePolicy, snapshotConsistency, snapshotKind, snapshotOrigin, snapshotState } from '#db/schema/snapshot.ts'

const name = z
  .string()
  .regex(snapshotNamePattern, 'must have 1 to 128 printable characters, and no space at its ends')
  .openapi({ description: "Unique among the VM's snapshots that did not fail.", example: 'before-upgrade' })

export const snapshotCreateInput = z
  .strictObject({
    name,
    description,
    includeMemory: z.boolean().default(false).openapi({
      description:
        'Save the memory of a running VM too. Must be false for a running VM with CPU mode host-passthrough. Of a stopped VM there is no memory to save: the snapshot is then an offline one.',
    }),
    quiesce: z.boolean().default(false).openapi({
      description:
        'Have the guest agent flush and freeze the file systems meanwhile. Not together with `includeMemory`.',
    }),
    quiescePolicy: z.enum(quiescePolicy.enumValues).default('require').openapi({
      description:
        'When the file systems cannot be frozen: `require` fails, `prefer` takes a crash-consistent snapshot, and its `notice` says why.',
    }),
    quiesceTimeoutSeconds: z.int().min(1).max(600).default(60).openapi({
      description: 'For freezing, taking and thawing together: the guest stands frozen no longer.',
    }),
  })
  .refine(({ includeMemory, quiesce }) => !(includeMemory && quiesce), {
    path: ['quiesce'],
    message:
      'cannot go with includeMemory: frozen file systems would stay frozen in the saved memory. Choose one of the two',
  })
  .openapi('SnapshotCreateInput')

const freezeSchema = z
  .object({
    fileSystems: z.array(z.string()).openapi({ description: 'Mount points, where the agent names them.' }),
    durationMs: z.number(),
  })
  .openapi('Freeze')

export const snapshotSchema = z
  .object({
    id: z.uuid(),
    vmId: z.uuid(),
    name: z.string(),
    description: z.string(),
    includeMemory: z.boolean().openapi({ description: 'Whether memory was asked for.' }),
    quiesce: z.boolean(),
    quiescePolicy: z.enum(quiescePolicy.enumValues),
    quiesceTimeoutSeconds: z.int(),
    origin: z.enum(snapshotOrigin.enumValues).openapi({
      description: "Who asked for it: a user, the VM's schedule, or a revert that kept what was current.",
    }),
    parentId: z
      .uuid()
      .nullable()
      .openapi({ description: 'The snapshot that the disks came from when this one was taken.' }),
    current: z.boolean().openapi({ description: "Whether the VM's disks came from this one." }),
    status: z
      .object({
        state: z.enum(snapshotState.enumValues),
        error: orNull(errorRecordSchema).openapi({ description: 'Why it failed.' }),
      })
      .openapi('SnapshotStatus'),
    kind: z
      .enum(snapshotKind.enumValues)
      .nullable()
      .openapi({ description: 'What was really taken; null until then.' }),
    consistency: z
      .enum(snapshotConsistency.enumValues)
      .nullable()
      .openapi({ description: 'What a guest would find: as after a resume, a freeze, a power cut or a shutdown.' }),
    notice: z.string().nullable().openapi({ description: 'Why it is less than what was preferred.' }),
    freeze: orNull(freezeSchema).openapi({ description: 'What was frozen for it; null where nothing was.' }),
    sizeBytes: z.number().int().nullable(),
    effectiveCpu: orNull(cpuFactsSchema).openapi({ description: 'The CPU that ran when it was taken.' }),
    machineType: z.string().nullable().openapi({ description: 'As QEMU calls it.', example: 'pc-q35-7.2' }),
    libvirtVersion: z.string().nullable(),
    qemuVersion: z.string().nullable(),
    takenAt: moment.nullable(),
    createdAt: moment,
    operation: operationRefSchema.optional(),
  })
  .openapi('Snapshot')

export const snapshotListParams = z.object({ id: idParam('id', 'The VM.') })

export const snapshotParams = snapshotListParams.extend({ snapshotId: idParam('snapshotId', 'The snapshot.') })

export const snapshotListQuery = pageQuery.extend({
  origin: z
    .enum(snapshotOrigin.enumValues)
    .optional()
    .openapi({ description: 'Only those of this origin.', example: 'user' }),
})

export const snapshotPageSchema = z
  .object({ items: z.array(snapshotSchema), nextCursor: z.string().nullable() })
  .openapi('SnapshotPage')

export const snapshotExample = {
  id: exampleIds.snapshot,
  vmId: exampleIds.vm,
  name: 'before-upgrade',
  description: '',
  includeMemory: true,
  quiesce: false,
  quiescePolicy: 'require',
  quiesceTimeoutSeconds: 60,
  origin: 'user',
  parentId: null,
  current: true,
  status: { state: 'READY', error: null },
  kind: 'memory',
  consistency: 'memory',
  notice: null,
  freeze: null,
  sizeBytes: 134_217_728,
  effectiveCpu: { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null },
  machineType: 'pc-q35-7.2',
  libvirtVersion: '9.0.0',
  qemuVersion: '7.2.22',
  takenAt: '2026-11-20T18:10:01.120Z',
  createdAt: '2026-11-20T18:10:00.000Z',
} satisfies z.infer<typeof snapshotSchema>

export const acceptedSnapshotExample = {
  ...snapshotExample,
  current: false,
  status: { state: 'CREATING', error: null },
  kind: null,
  consistency: null,
  sizeBytes: null,
  effectiveCpu: null,
  machineType: null,
  libvirtVersion: null,
  qemuVersion: null,
  takenAt: null,
  operation: { id: exampleIds.operation, kind: 'snapshot.create', status: 'queued' },
} satisfies z.infer<typeof snapshotSchema>

export const deletingSnapshotExample = {
  ...snapshotExample,
  status: { state: 'DELETING', error: null },
  operation: { id: exampleIds.operation, kind: 'snapshot.delete', status: 'queued' },
} satisfies z.infer<typeof snapshotSchema>
