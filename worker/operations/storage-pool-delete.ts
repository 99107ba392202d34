import type { OperationDefinition } from './definition.ts'

/** Takes a storage pool off its node; what is in it stays. */
export const storagePoolDelete: OperationDefinition<'storage-pool.delete'> = {
  steps: [
    {
      name: 'destroy',
      run: ({ hypervisor, input }) => hypervisor.destroyStoragePool(input.name),
    },
  ],
  succeeded: () => ({ storagePool: 'delete' }),
  failed: () => ({ storagePool: { state: 'READY' } }),
}
