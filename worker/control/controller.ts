import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { dropOldEvents } from '#db/events.ts'
import type { Doorbell } from '#db/operations/doorbell.ts'
import { ringForgotten } from '#db/operations/sweep.ts'
import { markSilentNodes } from '#db/silent-nodes.ts'
import { dropOldGuestCalls } from '#db/stored-guest-calls.ts'
import { repeat } from '../repeat.ts'
import { takeDueSnapshots } from './due-snapshots.ts'
import { deleteSurplusSnapshots } from './retention.ts'

export interface ControllerDependencies {
  db: Database
  doorbell: Doorbell
  log: Logger
  /** How many snapshots a VM may have. */
  maxSnapshots: number
  /** How long the history of VMs is kept. */
  eventRetentionDays: number
}

const sweepMs = 5000

/** Sweeps until the signal. A sweep takes no input; any number of controllers may run at once. */
export async function runController(deps: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const { db, doorbell, log } = deps
  /** Each resolves to what it did something about. */
  const sweeps: [name: string, sweep: () => Promise<unknown[]>][] = [
    ['ringing again for operations that wait', () => ringForgotten(db, doorbell)],
    ['taking due snapshots', () => takeDueSnapshots(deps, new Date())],
    ['deleting surplus snapshots', () => deleteSurplusSnapshots(deps, new Date())],
    ['marking silent nodes', () => markSilentNodes(db)],
    ['dropping old events', () => dropOldEvents(db, deps.eventRetentionDays)],
    ['forgetting what guests answered', () => dropOldGuestCalls(db)],
  ]
  const run = async ([name, sweep]: (typeof sweeps)[number]) => {
    const { length: count } = await sweep()
    if (count > 0) log.info({ sweep: { name, count } }, 'swept')
  }
  await Promise.all(sweeps.map((sweep) => repeat(sweep[0], sweepMs, () => run(sweep), { signal, log })))
}
