import { and, eq, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import type { Claimant } from './operations/claim.ts'
import { claimPlaceholders, nodeIsCurrent } from './operations/fence.ts'
import { vms } from './schema/vm.ts'
import type { VmSpec } from './vm-spec.ts'

/** A VM whose spec has addresses of network cards that its node never heard of. */
export interface VmWithMadeUpMacs {
  id: string
  spec: VmSpec
  /** Changes with every write of the row. */
  version: string
}

/** An address that the migration `device_names` made up, in its words: libvirt had drawn another one. */
const hasMadeUpMac = sql`exists (
  select from jsonb_array_elements(${vms.spec} -> 'nics') with ordinality as nic (item, n)
  where item ->> 'mac' = concat_ws(':', '52:54:00', substr(md5(${vms.id}::text || n), 1, 2),
    substr(md5(${vms.id}::text || n), 3, 2), substr(md5(${vms.id}::text || n), 5, 2)))`

export const findMadeUpMacs = ({ drizzle }: Database, nodeId: string): Promise<VmWithMadeUpMacs[]> =>
  drizzle
    .select({ id: vms.id, spec: vms.spec, version: sql<string>`${vms}.xmin::text` })
    .from(vms)
    .where(and(eq(vms.nodeId, nodeId), hasMadeUpMac))

const healed = hotStatement((drizzle) =>
  drizzle
    .update(vms)
    .set({ spec: sql`${sql.placeholder('spec')}::jsonb` })
    .where(
      and(
        eq(vms.id, sql.placeholder('id')),
        sql`${vms}.xmin::text = ${sql.placeholder('version')}`,
        nodeIsCurrent(drizzle, claimPlaceholders),
      ),
    )
    .prepare('heal_macs'),
)

/** Puts the addresses that the VM really has into its spec, in the order of its cards; not where the row has changed. */
export async function recordMacs(
  db: Database,
  { nodeId, epoch }: Claimant,
  { id, spec, version }: VmWithMadeUpMacs,
  macs: readonly string[],
): Promise<void> {
  const nics = spec.nics.map((nic, index) => ({ ...nic, mac: macs[index] ?? nic.mac }))
  await healed(db).execute({ nodeId, epoch, id, version, spec: JSON.stringify({ ...spec, nics }) })
}
