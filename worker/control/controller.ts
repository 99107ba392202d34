import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import type { Doorbell } from '#db/operations/doorbell.ts'
import { ringForgotten } from '#db/operations/sweep.ts'
import { repeat } from '../repeat.ts'

export interface ControllerDependencies {
  db: Database
  doorbell: Doorbell
  log: Logger
}

const sweepMs = 5000

/** Sweeps until the signal. A sweep takes no input; any number of controllers may run at once. */
export async function runController({ db, doorbell, log }: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const sweep = async () => {
    const rung = await ringForgotten(db, doorbell)
    if (rung.length > 0) log.info({ sweep: { rung: rung.length } }, 'rang again for operations that waited')
  }
  await repeat('ringing again', sweepMs, sweep, { signal, log })
}
