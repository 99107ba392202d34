import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import type { Doorbell } from './doorbell.ts'
import type { RecordedOperation } from './record.ts'

/** What it takes to record an operation and to wake its worker. */
export interface BeginDependencies {
  database: Database
  doorbell: Pick<Doorbell, 'ring'>
  /** Makes the id of a new row: a UUIDv7. */
  newId: () => string
  log: { warn(facts: object, message: string): void }
  /** Keeps work alive that goes on after the answer: `waitUntil` at the edge. The work does not reject. */
  defer: (work: Promise<void>) => void
}

/** Wakes the worker after the answer. A ring that fails is repaired by a sweep, so it is only logged. */
export function ring(
  { doorbell, defer, log }: Pick<BeginDependencies, 'doorbell' | 'defer' | 'log'>,
  { id, kind, nodeId }: RecordedOperation,
): void {
  defer(
    doorbell.ring({ id, kind, nodeId }).catch((error: unknown) => {
      log.warn({ err: error, operation: { id, kind, nodeId } }, 'the doorbell did not ring; a sweep will')
    }),
  )
}

/** What goes on there may be written at the very moment; it is asked so often whether that was all. */
const maxAttempts = 5

/** Tries until something began. `attempt` throws what is against it, and resolves to null where it lost a race. */
export async function untilBegun<Begun>(attempt: () => Promise<Begun | null>): Promise<Begun> {
  for (let n = 0; n < maxAttempts; n++) {
    const begun = await attempt()
    if (begun !== null) return begun
  }
  throw changedMeanwhile()
}

/** The refusal of a request that lost a race and would find things otherwise now. */
export const changedMeanwhile = (): AppError =>
  new AppError('aborted', 'Something else changed it at the same moment. Try again.', { reason: 'CHANGED_MEANWHILE' })
