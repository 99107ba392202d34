import { z } from '@hono/zod-openapi'
import { exampleIds, refusalReason } from '#api/http/fields.ts'
import { type VmAction, vmActionNames } from '#db/rules/vm-actions.ts'
import { allowedActions, noSnapshots, type OperationAtWork } from '#db/rules/vm-refusal.ts'
import type { VmState } from '#db/schema/vm.ts'

const allowedActionSchema = z
  .object({
    allowed: z.boolean(),
    reason: refusalReason,
    message: z.string().openapi({ description: 'For people: why not; empty where it is allowed.' }),
  })
  .openapi('AllowedAction')

const byAction = Object.fromEntries(vmActionNames.map((action) => [action, allowedActionSchema]))

export const allowedActionsSchema = z
  .object(byAction as Record<VmAction, typeof allowedActionSchema>)
  .openapi('AllowedActions', {
    description:
      'Of each action whether it may begin now, by the same rule that decides when it is asked for. `forceStop`, `reset` and `forceDelete` are stop, reboot and delete with `force`. An action whose end is reached already (start of a running VM) is not allowed here, and answered with 200.',
  })

/** What a VM in that state may do, with the operation at work on it. */
export const exampleAllowedActions = (state: VmState, operation: Omit<OperationAtWork, 'input'> | null = null) =>
  allowedActions(
    { id: exampleIds.vm, name: 'web-1', state, message: '', definedOnNode: true, diskProblem: null, unmanaged: null },
    operation && { ...operation, input: { force: false } },
    noSnapshots,
  )
