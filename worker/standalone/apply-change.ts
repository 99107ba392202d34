import type { ErrorRecord } from '#db/errors.ts'
import {
  finalNames,
  isTaken,
  type ResourceChange,
  renamed,
  type SnapshotChange,
} from '#db/operations/resource-change.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import { askedAfter } from './asked-devices.ts'
import type { VmRecord } from './vm-files.ts'

/** A VM after an operation's end, null where it has gone: what `db/operations/resource-change.ts` says in SQL. */
export function applyChange(
  before: VmRecord,
  { change, error }: { change: ResourceChange; error: ErrorRecord | null },
): VmRecord | null {
  const { vm, snapshots, operation } = before
  if (change.vm === 'delete') return null
  const { snapshotId, keepAs } = (operation?.input ?? {}) as { snapshotId?: string; keepAs?: string }
  const moved = finalNames(change.movedVolumes ?? [])
  const gone = change.snapshot === 'delete' ? snapshots.find(({ id }) => id === snapshotId) : undefined
  const after = snapshots.flatMap((snapshot) => {
    const own = snapshot.id === snapshotId ? change.snapshot : snapshot.id === keepAs ? change.kept : undefined
    if (own === 'delete') return []
    const parentId = snapshot.parentId === gone?.id ? (gone?.parentId ?? null) : snapshot.parentId
    return [
      withMoves({ ...snapshot, parentId, ...own, ...(isTaken(own) && { parentId: vm.currentSnapshotId }) }, moved),
    ]
  })
  const changed = {
    ...vm,
    ...change.vm,
    currentSnapshotId: currentAfter(vm.currentSnapshotId, change, { snapshotId, gone }),
    updatedAt: new Date(),
  }
  return {
    ...before,
    vm: changed,
    snapshots: after,
    operation: null,
    asked: askedAfter(before, changed, error !== null),
  }
}

function currentAfter(
  current: string | null,
  { snapshot, reverted }: ResourceChange,
  { snapshotId, gone }: { snapshotId: string | undefined; gone: Pick<SnapshotRow, 'id' | 'parentId'> | undefined },
): string | null {
  if (reverted || isTaken(snapshot)) return snapshotId ?? null
  return gone && gone.id === current ? gone.parentId : current
}

const withMoves = (snapshot: SnapshotRow & SnapshotChange, moved: ReadonlyMap<string, string>): SnapshotRow => ({
  ...snapshot,
  disks: snapshot.disks?.map((disk) => renamed(disk, moved)) ?? null,
})
