import type { BeginDependencies } from '#db/operations/begin.ts'
import type { Doorbell } from '#db/operations/doorbell.ts'
import type { QueueConfig } from '#db/operations/queue.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import type { DaemonPool } from './node-daemons/daemon-pool.ts'

/** A message with one object of facts before it, as pino has it. */
export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Everything the API needs of the world. Each entry (Node, Lambda, edge) brings its own. */
export interface Deps extends BeginDependencies {
  doorbell: Pick<Doorbell, 'ring' | 'check'>
  /** What the doorbell rings through; shown by `/readyz`. */
  queueBackend: QueueConfig['backend']
  /** The nodes' daemons, where this entry can reach them: at the edge it cannot. */
  daemons?: Pick<DaemonPool, 'get' | 'reach'> | undefined
  /** Seals what is stored of secrets, and opens what guests have answered. */
  secretBox: SecretBox
  /** How many snapshots a VM may have. */
  maxSnapshots: number
  log: Log
}

/** What the handlers of one request share. */
export interface ApiEnv {
  Variables: { requestId: string }
}
