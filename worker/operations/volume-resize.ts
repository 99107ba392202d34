import type { Volume } from '#worker/hypervisor/storage-calls.ts'
import type { OperationDefinition } from './definition.ts'
import { volumeColumns } from './storage-rows.ts'
import { nameOf } from './volume-create.ts'

/** Makes a volume larger. */
export const volumeResize: OperationDefinition<'volume.resize'> = {
  steps: [
    {
      name: 'resize',
      async run({ hypervisor, input }) {
        await hypervisor.resizeVolume(nameOf(input), input.sizeBytes)
        return hypervisor.findVolume(nameOf(input))
      },
    },
  ],
  succeeded: ({ outputs }) => ({ volume: volumeColumns(outputs.resize as Volume) }),
  failed: () => ({}),
}
