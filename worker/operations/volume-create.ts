import { AppError } from '#db/errors.ts'
import type { Volume, VolumeName } from '#worker/hypervisor/storage-calls.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { volumeColumns } from './storage-rows.ts'
import { unlessMissing } from './unless-missing.ts'
import { makeUnlessTaken, wasTaken } from './unless-taken.ts'

export const nameOf = ({ pool, name }: { pool: string; name: string }): VolumeName => ({ poolId: pool, volumeId: name })

type Making = StepContext<'volume.create'> | StepContext<'volume.snapshot'>

/** A step of its own: a volume of that name which others made stays. */
export async function requireFree({ hypervisor, input }: Making): Promise<void> {
  if (!(await unlessMissing(hypervisor.findVolume(nameOf(input))))) return
  throw new AppError(
    'already_exists',
    `The pool ${input.pool} has a volume ${input.name} already. Choose another name.`,
    { reason: 'VOLUME_EXISTS' },
  )
}

export async function removeVolume(context: Making): Promise<void> {
  if (!wasTaken(context)) await context.hypervisor.deleteVolume(nameOf(context.input))
}

/** Makes a volume: empty, or from an image or another volume. */
export const volumeCreate: OperationDefinition<'volume.create'> = {
  steps: [
    { name: 'require-free', run: requireFree },
    {
      name: 'make',
      // A copy may take as long as it is large.
      waits: true,
      run: (context) =>
        makeUnlessTaken(context, () => {
          const { hypervisor, input, signal } = context
          return hypervisor.createVolume({ ...nameOf(input), sizeBytes: input.sizeBytes, source: input.source }, signal)
        }),
      undo: removeVolume,
    },
  ],
  succeeded: ({ outputs }) => ({ volume: { state: 'READY', ...volumeColumns(outputs.make as Volume) } }),
  failed: () => ({ volume: 'delete' }),
}
