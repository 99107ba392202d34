import type { Database } from '#db/client.ts'
import type { ErrorRecord } from '#db/errors.ts'
import type { Claim } from '#db/operations/fence.ts'
import { finish, type Outcome } from '#db/operations/finish.ts'
import { beginUndo, recordStep, release } from '#db/operations/progress.ts'
import { reportProgress } from '#db/operations/report-progress.ts'
import type { OperationProgress } from '#db/schema/operation.ts'

/** Where it is written down how far an operation is. Every write throws SupersededError when the claim is no longer current. */
export interface OperationLedger {
  /** A step is done. */
  recordStep(claim: Claim, step: { name: string; output: unknown }): Promise<void>
  /** How far it is; answers whether somebody asked for its end. */
  reportProgress(claim: Claim, progress: OperationProgress): Promise<{ cancelRequested: boolean }>
  /** From here on it can only fail. */
  beginUndo(claim: Claim, error: ErrorRecord): Promise<void>
  /** It is put down, for a later attempt; `message` tells users why they wait. */
  release(claim: Claim, later: { delayMs: number; message?: string }): Promise<void>
  /** It has ended, and this became of its VM and snapshots. */
  finish(claim: Claim, outcome: Outcome): Promise<void>
}

/** In Postgres, where the api reads it. */
export const databaseLedger = (db: Database): OperationLedger => ({
  recordStep: (claim, step) => recordStep(db, claim, step),
  reportProgress: (claim, progress) => reportProgress(db, claim, progress),
  beginUndo: (claim, error) => beginUndo(db, claim, error),
  release: (claim, later) => release(db, claim, later),
  finish: (claim, outcome) => finish(db, claim, outcome),
})
