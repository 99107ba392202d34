import { AppError } from '#db/errors.ts'
import { findImageUsers } from '#db/image-users.ts'
import { putAside, putBack, removeAside } from '#worker/images/place-image.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { orUnavailable } from './or-unavailable.ts'

type Context = StepContext<'image.delete'>

/**
 * Removes an image that nothing stands on. What begins to use it at the same moment either no longer finds it, or has its VM
 * or its operation in the database by then, and is found by the second look.
 */
export const imageDelete: OperationDefinition<'image.delete'> = {
  steps: [
    {
      name: 'remove',
      async run(context) {
        const { store, input } = context
        await requireUnused(context)
        await putAside(store, input)
        await requireUnused(context)
        await removeAside(store, input)
      },
      undo: ({ store, input }) => putBack(store, input),
    },
  ],
  succeeded: () => ({ image: 'delete' }),
  failed: () => ({ image: { state: 'READY' } }),
}

async function requireUnused({ db, claim, hypervisor, input }: Context): Promise<void> {
  const { imageId, name } = input
  const { vms, operations } = await orUnavailable(findImageUsers(db, { imageId, nodeId: claim.nodeId, name }))
  const users = [
    ...vms.map((vm) => `VM ${vm.name}`),
    ...operations.map(({ kind, id }) => `operation ${id} (${kind})`),
    ...(await hypervisor.findImageUsers(name)),
  ]
  if (users.length === 0) return
  throw new AppError(
    'failed_precondition',
    `The image "${name}" is needed by ${users.slice(0, namedMax).join(', ')}${users.length > namedMax ? ' and others' : ''}. Delete these first.`,
    { reason: 'IMAGE_IN_USE', details: { users: users.slice(0, listedMax) } },
  )
}

const namedMax = 5
const listedMax = 100
