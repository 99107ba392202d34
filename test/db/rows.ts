import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { type NodeFacts, registerNode } from '#db/nodes.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import { type SnapshotRow, snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { aSpec } from '#test/support/vm-spec.ts'

/** A node with one worker, of epoch 1. */
export async function aNode(db: Database, facts: Partial<NodeFacts> = {}): Promise<{ nodeId: string; epoch: number }> {
  const nodeId = randomUUID()
  const epoch = await registerNode(db, nodeId, someNodeFacts({ name: `node-${nodeId}`, ...facts }))
  return { nodeId, epoch }
}

export async function aVm(db: Database, nodeId: string, vm: Partial<VmRow> = {}): Promise<VmRow> {
  const id = vm.id ?? randomUUID()
  const [row] = await db.drizzle
    .insert(vms)
    .values({ name: `vm-${id}`, spec: aSpec(), state: 'STOPPED', ...vm, id, nodeId })
    .returning()
  return row as VmRow
}

export async function aSnapshot(db: Database, vmId: string, snapshot: Partial<SnapshotRow> = {}): Promise<SnapshotRow> {
  const id = snapshot.id ?? randomUUID()
  const [row] = await db.drizzle
    .insert(snapshots)
    .values({
      name: `snapshot-${id}`,
      includeMemory: false,
      quiesce: false,
      state: 'CREATING',
      ...snapshot,
      id,
      vmId,
    })
    .returning(snapshotColumns)
  return row as SnapshotRow
}

/** A queued operation; its input is completed with the VM's id. */
export async function anOperation(
  db: Database,
  vm: Pick<VmRow, 'id' | 'nodeId'>,
  kind: OperationKind,
  operation: Partial<OperationRow> = {},
): Promise<OperationRow> {
  const [row] = await db.drizzle
    .insert(operations)
    .values({
      id: randomUUID(),
      kind,
      vmId: vm.id,
      nodeId: vm.nodeId,
      ...operation,
      input: { vmId: vm.id, ...operation.input },
    })
    .returning()
  return row as OperationRow
}

const only = <Row>(rows: Row[]): Row => {
  if (rows.length !== 1) throw new Error(`${rows.length} rows instead of one`)
  return rows[0] as Row
}

export const readOperation = async (db: Database, id: string): Promise<OperationRow> =>
  only(await db.drizzle.select().from(operations).where(eq(operations.id, id)))

export const readVm = async (db: Database, id: string): Promise<VmRow | undefined> =>
  (await db.drizzle.select().from(vms).where(eq(vms.id, id)))[0]

export const readSnapshot = async (db: Database, id: string): Promise<SnapshotRow> =>
  only(await db.drizzle.select(snapshotColumns).from(snapshots).where(eq(snapshots.id, id)))
