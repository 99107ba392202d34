import { eq, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { nextSnapshotTime } from '#db/rules/snapshot-schedule.ts'
import { foreignDisksRefusal, vmNotFound } from '#db/rules/vm-refusal.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { getVm, type VmWithOperation } from '#db/vms.ts'
import type { SnapshotScheduleInput } from './snapshot-schedule-schemas.ts'

/** Gives a VM a schedule, in place of the one it has. Throws `not_found`, `invalid_argument` where it keeps too many, and `failed_precondition` of disks that others made. */
export async function setSnapshotSchedule(
  { database, maxSnapshots }: Pick<Deps, 'database' | 'maxSnapshots'>,
  vmId: string,
  snapshotSchedule: SnapshotScheduleInput,
): Promise<VmWithOperation> {
  if (snapshotSchedule.keep >= maxSnapshots) throw keepsTooMany(snapshotSchedule.keep, maxSnapshots)
  const refusal = foreignDisksRefusal((await getVm(database, vmId)).vm)
  if (refusal) throw refusal
  const nextSnapshotAt = nextSnapshotTime(snapshotSchedule.cron, new Date())
  await write(database, vmId, { snapshotSchedule, nextSnapshotAt })
  return getVm(database, vmId)
}

/** Takes a VM's schedule away; the snapshots that it took stay. Throws `not_found`. */
export const deleteSnapshotSchedule = ({ database }: Pick<Deps, 'database'>, vmId: string): Promise<void> =>
  write(database, vmId, { snapshotSchedule: null, nextSnapshotAt: null })

async function write(
  { drizzle }: Deps['database'],
  vmId: string,
  change: Pick<VmRow, 'snapshotSchedule' | 'nextSnapshotAt'>,
): Promise<void> {
  const set = { ...change, updatedAt: sql`now()` }
  const written = await drizzle.update(vms).set(set).where(eq(vms.id, vmId)).returning({ id: vms.id })
  if (written.length === 0) throw vmNotFound(vmId)
}

/** A new one is taken before the oldest goes. */
const keepsTooMany = (keep: number, max: number): AppError =>
  new AppError('invalid_argument', `keep: must be less than ${max}, which is how many snapshots a VM may have`, {
    reason: 'INVALID_REQUEST',
    details: { problems: [{ field: 'keep', message: `must be less than ${max}` }], keep, max },
  })
