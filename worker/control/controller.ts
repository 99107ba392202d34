import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import type { Doorbell } from '#db/operations/doorbell.ts'
import { ringForgotten } from '#db/operations/sweep.ts'
import { repeat } from '../repeat.ts'
import { takeDueSnapshots } from './due-snapshots.ts'
import { deleteSurplusSnapshots } from './retention.ts'

export interface ControllerDependencies {
  db: Database
  doorbell: Doorbell
  log: Logger
  /** How many snapshots a VM may have. */
  maxSnapshots: number
}

const sweepMs = 5000

/** Sweeps until the signal. A sweep takes no input; any number of controllers may run at once. */
export async function runController(deps: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const { db, doorbell, log } = deps
  const loop = { signal, log }
  const told = (message: string, sweep: () => Promise<unknown[]>) => async () => {
    const done = await sweep()
    if (done.length > 0) log.info({ sweep: { count: done.length } }, message)
  }
  await Promise.all([
    repeat(
      'ringing again',
      sweepMs,
      told('rang again for operations that waited', () => ringForgotten(db, doorbell)),
      loop,
    ),
    repeat(
      'taking due snapshots',
      sweepMs,
      told('recorded scheduled snapshots', () => takeDueSnapshots(deps, new Date())),
      loop,
    ),
    repeat(
      'deleting old snapshots',
      sweepMs,
      told('began to delete scheduled snapshots', () => deleteSurplusSnapshots(deps, new Date())),
      loop,
    ),
  ])
}
