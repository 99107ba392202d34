import { sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import { becauseOf } from './events.ts'
import { nodes } from './schema/node.ts'
import { vms } from './schema/vm.ts'

/** Heartbeats come every 5 s. */
const defaultSilentAfterSeconds = 30

/** Of a row of `nodes` under a name: `Node … has not answered since …`. */
const silence = (node: string) =>
  sql.raw(`format('Node %s has not answered since %s UTC', ${node}.name,
    to_char(${node}.silent_since at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'))`)

/** What a VM on such a node has to say of what was asked for, like `the VM is made`; empty while the node answers. */
export const waitsForNode = (node: string, what: string) => sql`
  case when ${sql.raw(node)}.silent_since is null then ''
  else ${silence(node)} || ${sql.raw(`'; ${what} as soon as it is back.'`)} end`

/**
 * Each node is marked once, so that a sweep costs nothing while nothing changes. A heartbeat at the same moment waits for
 * the node's row, or is waited for: then the node is not silent. A server that was away itself gives the nodes their time.
 */
const markSilent = hotStatement((drizzle) => {
  const silentAfter = sql`${sql.placeholder('seconds')}::integer * interval '1 second'`
  const silent = drizzle.$with('silent', { id: nodes.id }).as(sql`
    update nodes set silent_since = last_seen_at
    where silent_since is null and last_seen_at < now() - ${silentAfter}
      and pg_postmaster_start_time() < now() - ${silentAfter}
    returning id, name, silent_since`)
  const told = drizzle.$with('told', { id: vms.id }).as(sql`
    update vms set updated_at = now(),
      state = case when operation.id is null then 'UNKNOWN' else vms.state end,
      message = case when operation.id is null then ${silence('silent')} || '.'
        else ${waitsForNode('silent', 'what was asked for is done')} end
    from silent
    join vms lost on lost.node_id = silent.id
    left join operations operation
      on operation.vm_id = lost.id and operation.status in ('queued', 'running', 'undoing')
    where vms.id = lost.id and (operation.id is not null or vms.state in ('STOPPED', 'RUNNING', 'PAUSED'))
      and ${becauseOf({ actor: 'system', severity: 'warning', details: { reason: 'node-silent' } })}
    returning vms.id`)
  return drizzle.with(silent, told).select({ id: silent.id }).from(silent).prepare('mark_silent_nodes')
})

/**
 * Marks the nodes that have not answered for a while, and makes the state of their VMs unknown; a VM with an unfinished
 * operation keeps its state, and says what it waits for. Safe to run anywhere, any number of times at once. Returns the
 * nodes that fell silent.
 */
export const markSilentNodes = (db: Database, seconds = defaultSilentAfterSeconds): Promise<{ id: string }[]> =>
  markSilent(db).execute({ seconds })
