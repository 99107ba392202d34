import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { registerNode } from '#db/nodes.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import type { VmSpec } from '#db/vm-spec.ts'

export const aSpec = (spec: Partial<VmSpec> = {}): VmSpec => ({
  cpuMode: 'host-model',
  cpu: { cores: 1, sockets: 1, threadsPerCore: 1, features: [] },
  memory: { sizeMib: 64 },
  disks: [{ sizeGib: 1 }],
  cdroms: [],
  nics: [],
  ...spec,
})

/** A node with one worker, of epoch 1. */
export async function aNode(db: Database): Promise<{ nodeId: string; epoch: number }> {
  const nodeId = randomUUID()
  const epoch = await registerNode(db, nodeId, {
    name: `node-${nodeId}`,
    hypervisor: 'simulated',
    libvirtVersion: null,
    qemuVersion: null,
    cpuCount: 2,
    memoryMib: 4096,
    cpuModes: [],
  })
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
    .returning()
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
  only(await db.drizzle.select().from(snapshots).where(eq(snapshots.id, id)))
