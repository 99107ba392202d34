import { eq, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import type { Claimant } from './operations/claim.ts'
import { nodeIsCurrent } from './operations/fence.ts'
import { type HostDomainRow, hostDomains } from './schema/host-domain.ts'
import { vms } from './schema/vm.ts'

/** A domain as a worker saw it. */
export type SeenDomain = Omit<HostDomainRow, 'nodeId' | 'firstSeenAt'>

const vmsOfNode = hotStatement((db) =>
  db
    .select({ id: vms.id, isAdopted: sql<boolean>`${vms.unmanaged} is not null` })
    .from(vms)
    .where(eq(vms.nodeId, sql.placeholder('nodeId')))
    .prepare('vms_of_node'),
)

/** The domains of a node that are VMs. */
export const findVmsOfNode = (db: Database, nodeId: string): Promise<{ id: string; isAdopted: boolean }[]> =>
  vmsOfNode(db).execute({ nodeId })

/**
 * Brings the rows of a node's domains up to date, in one statement: what changed, and that there is none but the present
 * ones. Does nothing when a newer worker has the node.
 */
export async function recordHostDomains(
  { drizzle }: Database,
  node: Claimant,
  { changed, present }: { changed: readonly SeenDomain[]; present: readonly string[] },
): Promise<void> {
  const removed = drizzle.$with('removed', { id: hostDomains.id }).as(sql`
    delete from host_domains
    where node_id = ${node.nodeId}::uuid and ${nodeIsCurrent(drizzle, node)}
      and id not in (select id::uuid from jsonb_array_elements_text(${JSON.stringify(present)}::jsonb) as item (id))
    returning id`)
  const written = drizzle.$with('written', { id: hostDomains.id }).as(sql`
    insert into host_domains (node_id, id, name, description, state, persistent, autostart, managed_save, has_snapshots,
      spec, unmanaged, drives, shares_disk_with)
    select ${node.nodeId}::uuid, id, name, description, state, persistent, autostart, "managedSave", "hasSnapshots",
      spec, unmanaged, drives, "sharesDiskWith"
    from jsonb_to_recordset(${JSON.stringify(changed)}::jsonb)
      as item (id uuid, name text, description text, state text, persistent boolean, autostart boolean,
        "managedSave" boolean, "hasSnapshots" boolean, spec jsonb, unmanaged jsonb, drives jsonb, "sharesDiskWith" jsonb)
    where ${nodeIsCurrent(drizzle, node)}
    on conflict (node_id, id) do update set
      name = excluded.name, description = excluded.description, state = excluded.state, persistent = excluded.persistent,
      autostart = excluded.autostart, managed_save = excluded.managed_save, has_snapshots = excluded.has_snapshots,
      spec = excluded.spec, unmanaged = excluded.unmanaged, drives = excluded.drives,
      shares_disk_with = excluded.shares_disk_with
    returning id`)
  await drizzle.with(removed, written).select().from(written)
}
