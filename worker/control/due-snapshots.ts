import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { AppError, errorRecord } from '#db/errors.ts'
import { newId } from '#db/new-id.ts'
import type { Doorbell } from '#db/operations/doorbell.ts'
import { type DueVm, findDueVms, recordDueSnapshot } from '#db/operations/scheduled-snapshots.ts'
import { newSnapshotRefusal } from '#db/rules/snapshot-capabilities.ts'
import { snapshotFacts } from '#db/rules/snapshot-facts.ts'
import { nextSnapshotTime, scheduledSnapshotName } from '#db/rules/snapshot-schedule.ts'

interface Deps {
  db: Database
  doorbell: Pick<Doorbell, 'ring'>
  log: Pick<Logger, 'warn'>
  /** How many snapshots a VM may have. */
  maxSnapshots: number
}

/**
 * Takes the snapshots that schedules want by now: of each VM one, however many were missed. One that cannot be taken is
 * recorded as failed, with the reason; a VM that is busy is waited for until the one after is due.
 * Safe to run anywhere, any number of times at once. Returns the ids of the snapshots that were recorded.
 */
export async function takeDueSnapshots(deps: Deps, now: Date): Promise<string[]> {
  const recorded: string[] = []
  for (const due of await findDueVms(deps.db, now)) {
    try {
      const taken = await takeDue(deps, due, now)
      if (taken?.snapshot) recorded.push(taken.snapshot.id)
      // The operation is recorded: a sweep rings again.
      if (taken?.operation) await deps.doorbell.ring(taken.operation).catch(() => {})
    } catch (err) {
      // One VM must not hold up the others, in every sweep.
      deps.log.warn({ err, vm: { id: due.vm.id } }, 'a due snapshot was not recorded')
    }
  }
  return recorded
}

async function takeDue({ db, maxSnapshots }: Deps, due: DueVm, now: Date) {
  const { vm, operation } = due
  const { id: vmId, snapshotSchedule: schedule, nextSnapshotAt: dueAt } = vm
  const { cron, includeMemory, quiesce } = schedule
  // Nobody is there to ask whether a snapshot that is less will do.
  const wanted = { includeMemory, quiesce, quiescePolicy: 'prefer' } as const
  if (operation && isBefore(now, nextSnapshotTime(cron, dueAt))) return
  const name = scheduledSnapshotName(dueAt)
  const record = (refusal: AppError | null) =>
    recordDueSnapshot(db, {
      vmId,
      snapshotId: newId(),
      operationId: newId(),
      name,
      description: '',
      ...wanted,
      quiesceTimeoutSeconds: 60,
      origin: 'schedule',
      maxSnapshots,
      dueAt,
      nextAt: nextSnapshotTime(cron, now),
      refusal: refusal && errorRecord(refusal),
    })
  const found = await record(newSnapshotRefusal(snapshotFacts(due, maxSnapshots), wanted))
  return found?.namesake && !found.snapshot ? record(nameTaken(name, found.namesake.id)) : found
}

const isBefore = (now: Date, then: Date | null): boolean => then === null || now < then

const nameTaken = (name: string, snapshotId: string): AppError =>
  new AppError('already_exists', `The VM has a snapshot named ${name} already.`, {
    reason: 'SNAPSHOT_NAME_TAKEN',
    details: { snapshotId },
  })
