import type { Volume } from '#worker/hypervisor/storage-calls.ts'
import type { OperationDefinition } from './definition.ts'
import { volumeColumns } from './storage-rows.ts'
import { makeUnlessTaken } from './unless-taken.ts'
import { nameOf, removeVolume, requireFree } from './volume-create.ts'

/** Takes a snapshot of a volume that no VM writes to: a volume of its own. */
export const volumeSnapshot: OperationDefinition<'volume.snapshot'> = {
  steps: [
    { name: 'require-free', run: requireFree },
    {
      name: 'take',
      waits: true,
      async run(context) {
        const { hypervisor, input, signal } = context
        const source = nameOf({ ...input, name: input.of })
        await makeUnlessTaken(context, () => hypervisor.snapshotVolume(source, input.name, signal))
        return hypervisor.findVolume(nameOf(input))
      },
      undo: removeVolume,
    },
  ],
  succeeded: ({ outputs }) => ({ volume: { state: 'READY', ...volumeColumns(outputs.take as Volume) } }),
  failed: () => ({ volume: 'delete' }),
}
