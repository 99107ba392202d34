import { type SQL, sql } from 'drizzle-orm'
import type { Drizzle } from '#db/client.ts'
import { ruleOf, type VmAction } from '#db/rules/vm-actions.ts'
import { operations } from '#db/schema/operation.ts'
import { vmMayBegin } from './record.ts'

/**
 * The part `overtaken` of a statement with `vmAndCurrent` and `recordValues`: ends the VM's unfinished operation where it
 * only waits for its guest and the action need not (`ruleOf(action).overtakes`). The worker that has it can write nothing
 * more, and drops its work when it claims the operation that is recorded instead.
 * One that is being written at this moment is left alone: whoever ends an operation waits for the VM's row with the
 * operation's in its hands. To ask again is right then.
 */
export const overtakenOperation = (drizzle: Drizzle, action: VmAction, condition: SQL) =>
  drizzle.$with('overtaken', { id: operations.id }).as(sql`
    update operations set status = 'failed', finished_at = now(), error = jsonb_build_object(
      'code', 'aborted', 'reason', 'OVERTAKEN', 'message', ${overtakenMessage}::text,
      'details', jsonb_build_object('operationId', ${sql.placeholder('operationId')}::text))
    where id = (
      select waiting.id from vm join operations waiting on waiting.vm_id = vm.id
      where waiting.status in ('queued', 'running') and waiting.kind = any(${kinds(action)}::text[])
        and coalesce(waiting.input ->> 'force', 'false') = 'false' and ${condition}
      for update of waiting skip locked)
    returning id`)

/** Condition for `recordOperation` in a statement with `overtakenOperation`. */
export const mayBeginOrOvertake = (action: VmAction): SQL =>
  sql`(exists (select from overtaken) or (${vmMayBegin(action)}))`

const kinds = (action: VmAction): string => `{${ruleOf(action).overtakes.join(',')}}`

/** What becomes known of an operation that was overtaken. */
export const overtakenMessage =
  'Somebody asked for the same VM to be stopped, rebooted or deleted, so its guest is not waited for.'
