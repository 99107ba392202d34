import { AppError } from '#db/errors.ts'
import type { Settings } from '#db/settings.ts'

/** Where BullMQ keeps its jobs. */
export type QueueConfig = { backend: 'redis'; url: string } | { backend: 'postgres'; url: string }

/** Redis where its URL is set, unless the user asked for Postgres. Throws `invalid_argument` when a URL is missing. */
export function queueConfig({
  queue,
  redisUrl,
  databaseUrl,
}: Pick<Settings, 'queue' | 'redisUrl' | 'databaseUrl'>): QueueConfig {
  if (queue !== 'postgres' && redisUrl !== undefined) return { backend: 'redis', url: redisUrl }
  if (queue === 'redis') throw new AppError('invalid_argument', 'QUANTIX_QUEUE is redis, and REDIS_URL is not set')
  if (databaseUrl === undefined) throw new AppError('invalid_argument', 'DATABASE_URL is not set')
  return { backend: 'postgres', url: databaseUrl }
}

/** The queue of a node's operations. */
export const nodeQueueName = (nodeId: string): string => `node-${nodeId}`

/** BullMQ ignores a second job of the same id while the first is there. */
export const jobId = (operationId: string): string => `op-${operationId}`

export interface JobData {
  operationId: string
}
