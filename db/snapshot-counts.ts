import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { ruleOf, type SnapshotGroup, type VmAction } from './rules/vm-actions.ts'
import type { SnapshotCounts } from './rules/vm-refusal.ts'

/** Conditions on `snapshots`. */
const isOf = {
  any: sql`true`,
  memory: sql`state = 'READY' and kind = 'memory'`,
} as const satisfies Record<SnapshotGroup, SQL>

/** Condition on the part `vm` of a statement: `snapshotBarRefusal` has nothing against the action. */
export function snapshotsAllow(action: VmAction): SQL {
  const { barredBy } = ruleOf(action)
  if (!barredBy) return sql`true`
  return sql`not exists (select from snapshots where vm_id = vm.id and ${isOf[barredBy.group]})`
}

/** The `SnapshotCounts` of the VM with that id. */
export const snapshotCounts = (vmId: SQLWrapper) => sql<SnapshotCounts>`(
  select json_build_object('any', count(*), 'memory', count(*) filter (where ${isOf.memory}))
  from snapshots where vm_id = ${vmId})`
