import type { OperationDefinition } from './definition.ts'
import { nameOf } from './volume-create.ts'

/** Removes a volume that no VM has. */
export const volumeDelete: OperationDefinition<'volume.delete'> = {
  steps: [
    {
      name: 'delete',
      run: ({ hypervisor, input }) => hypervisor.deleteVolume(nameOf(input)),
    },
  ],
  succeeded: () => ({ volume: 'delete' }),
  failed: () => ({ volume: { state: 'READY' } }),
}
