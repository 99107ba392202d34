import { z } from '@hono/zod-openapi'
import { moment } from '#api/http/fields.ts'
import { cronProblem } from '#db/rules/snapshot-schedule.ts'

const parts = {
  cron: z.string().max(100).openapi({
    description: 'When: minute, hour, day of the month, month, day of the week, in UTC.',
    example: '30 3 * * *',
  }),
  includeMemory: z.boolean().openapi({ description: 'Save the memory of a running VM too.' }),
  quiesce: z.boolean().openapi({
    description:
      'Have the guest agent flush and freeze the file systems meanwhile; where it cannot, the snapshot is taken without, and says so. Not together with `includeMemory`.',
  }),
  keep: z
    .int()
    .min(1)
    .openapi({ description: 'So many scheduled snapshots stay, fewer than a VM may have; older ones are deleted.' }),
}

/** A schedule as stored and shown. */
export const snapshotScheduleSchema = z
  .object({
    ...parts,
    nextSnapshotAt: moment
      .nullable()
      .openapi({ description: 'When the next one is due; past while it is waited for.' }),
  })
  .openapi('SnapshotSchedule')

/** A schedule as asked for. */
export const snapshotScheduleInput = z
  .strictObject({
    cron: parts.cron.superRefine((cron, context) => {
      const problem = cronProblem(cron)
      if (problem) context.addIssue({ code: 'custom', message: problem })
    }),
    includeMemory: parts.includeMemory.default(false),
    quiesce: parts.quiesce.default(false),
    keep: parts.keep,
  })
  .refine(({ includeMemory, quiesce }) => !(includeMemory && quiesce), {
    path: ['quiesce'],
    message: 'cannot go with includeMemory. Choose one of the two',
  })
  .openapi('SnapshotScheduleInput')
export type SnapshotScheduleInput = z.output<typeof snapshotScheduleInput>

export const snapshotScheduleExample = {
  cron: '30 3 * * *',
  includeMemory: false,
  quiesce: true,
  keep: 7,
  nextSnapshotAt: '2026-11-21T03:30:00.000Z',
} satisfies z.infer<typeof snapshotScheduleSchema>
