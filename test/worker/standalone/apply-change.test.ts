import { asc, eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { claim } from '#db/operations/claim.ts'
import { finish } from '#db/operations/finish.ts'
import type { ResourceChange, SnapshotChange } from '#db/operations/resource-change.ts'
import { operations } from '#db/schema/operation.ts'
import { snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import { vms } from '#db/schema/vm.ts'
import { aNode, anOperation, aSnapshot, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { applyChange } from '#worker/standalone/apply-change.ts'
import type { VmRecord } from '#worker/standalone/vm-files.ts'

const db = await createTestDatabase()
const node = await aNode(db)

/** A VM on the second of two snapshots, and two that an operation may be about. */
async function aFamily() {
  const vm = await aVm(db, node.nodeId)
  const disks = (volume: string) => [{ target: 'vda', volume }]
  const ready = { state: 'READY', kind: 'offline', takenAt: new Date() } as const
  const root = await aSnapshot(db, vm.id, { ...ready, name: 'root', disks: disks('a') })
  const middle = await aSnapshot(db, vm.id, { ...ready, name: 'middle', parentId: root.id, disks: disks('b') })
  const leaf = await aSnapshot(db, vm.id, { ...ready, name: 'leaf', parentId: middle.id, disks: disks('c') })
  const made = await aSnapshot(db, vm.id, { name: 'made' })
  await db.drizzle.update(vms).set({ currentSnapshotId: middle.id }).where(eq(vms.id, vm.id))
  return { vm, root, middle, leaf, made }
}

type Family = Awaited<ReturnType<typeof aFamily>>
const taken: SnapshotChange = {
  state: 'READY',
  kind: 'disk-only',
  takenAt: new Date(),
  disks: [{ target: 'vda', volume: 'c' }],
}
const moves = [
  { from: 'a', to: 'b' },
  { from: 'b', to: 'x' },
  { from: 'c', to: 'y' },
]

const ends: [string, ResourceChange, (family: Family) => { snapshotId?: string; keepAs?: string }][] = [
  ['a change of the VM alone', { vm: { state: 'RUNNING', message: 'so' } }, () => ({})],
  ['a snapshot that was taken', { snapshot: taken }, ({ made }) => ({ snapshotId: made.id })],
  ['a snapshot that failed', { snapshot: { state: 'FAILED' } }, ({ made }) => ({ snapshotId: made.id })],
  [
    'the current snapshot deleted',
    { snapshot: 'delete', movedVolumes: moves },
    ({ middle }) => ({ snapshotId: middle.id }),
  ],
  ['the first snapshot deleted', { snapshot: 'delete' }, ({ root }) => ({ snapshotId: root.id })],
  [
    'a revert that kept what was current',
    { reverted: true, kept: taken, movedVolumes: moves },
    ({ leaf, made }) => ({ snapshotId: leaf.id, keepAs: made.id }),
  ],
  ['a revert that failed', { kept: 'delete' }, ({ leaf, made }) => ({ snapshotId: leaf.id, keepAs: made.id })],
  ['a VM deleted', { vm: 'delete' }, () => ({})],
]

test.each(ends)('a file remembers of %s what Postgres does', async (_, change, inputOf) => {
  const family = await aFamily()
  const { id } = await anOperation(db, family.vm, 'vm.start', { input: inputOf(family) })
  const claimed = await claim(db, { ...node, operationId: id })
  if (!claimed) throw new Error('the operation was not claimed')
  const before = await read(family.vm.id)
  await finish(db, { ...node, operationId: id, attempt: 1 }, { error: null, change })
  const inFile = before && applyChange(before, { change, error: null })
  expect(withoutTimes(inFile)).toEqual(withoutTimes(await read(family.vm.id)))
})

async function read(vmId: string): Promise<VmRecord | null> {
  const [vm] = await db.drizzle.select().from(vms).where(eq(vms.id, vmId))
  const [operation] = await db.drizzle.select().from(operations).where(eq(operations.vmId, vmId))
  const own = eq(snapshots.vmId, vmId)
  const rows = await db.drizzle.select(snapshotColumns).from(snapshots).where(own).orderBy(asc(snapshots.name))
  return vm ? { vm, snapshots: rows, operation: operation ?? null, asked: [], secrets: [] } : null
}

const withoutTimes = (record: VmRecord | null) =>
  record && { vm: { ...record.vm, updatedAt: null }, snapshots: record.snapshots }
