import { AppError } from '#db/errors.ts'
import type { StoragePoolState } from '#worker/hypervisor/storage-calls.ts'
import type { OperationDefinition } from './definition.ts'
import { poolColumns } from './storage-rows.ts'
import { unlessMissing } from './unless-missing.ts'
import { makeUnlessTaken, wasTaken } from './unless-taken.ts'

/** Makes a storage pool usable on its node. */
export const storagePoolCreate: OperationDefinition<'storage-pool.create'> = {
  steps: [
    // A step of its own: a pool of that name which others made stays.
    {
      name: 'require-free',
      async run({ hypervisor, input: { name } }) {
        if (await unlessMissing(hypervisor.findStoragePool(name))) throw nameTaken(name)
      },
    },
    {
      name: 'init',
      async run(context) {
        const { hypervisor, input, readPoolSecret } = context
        const secret = await readPoolSecret(input.storagePoolId)
        return makeUnlessTaken(context, () =>
          hypervisor.initStoragePool({ poolId: input.name, source: input.source, secret }),
        )
      },
      async undo(context) {
        if (!wasTaken(context)) await context.hypervisor.destroyStoragePool(context.input.name)
      },
    },
  ],
  succeeded: ({ outputs }) => ({
    storagePool: { state: 'READY', secret: null, ...poolColumns(outputs.init as StoragePoolState) },
  }),
  failed: () => ({ storagePool: 'delete' }),
}

const nameTaken = (name: string): AppError =>
  new AppError('already_exists', `The node has a storage pool ${name} already. Choose another name.`, {
    reason: 'POOL_EXISTS',
  })
