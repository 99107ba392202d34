import { type BackendFactory, createPostgresBackend, createRedisBackend, type QueueOptions } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { QueueConfig } from './queue.ts'

/** What a BullMQ object needs to reach its jobs, and the connection underneath. */
export interface QueueConnection {
  connection: QueueOptions['connection']
  backend: BackendFactory
  /** The server is known to be away, without asking. */
  isAway(): boolean
  /** Resolves when the server answers; rejects when it does not in time. */
  ping(): Promise<void>
  close(): Promise<void>
}

const connectTimeoutMs = 2000

/** Longest wait between two attempts to connect: how late an outage's end may be noticed. */
const maxBackoffMs = 500

/** What `produces` fails fast; what listens waits for its server as long as it takes. Opens nothing before it is used. */
export const openQueueConnection = (queue: QueueConfig, role: 'produces' | 'listens'): QueueConnection =>
  queue.backend === 'redis' ? openRedis(queue.url, role) : openPostgres(queue.url)

function openRedis(url: string, role: 'produces' | 'listens'): QueueConnection {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (attempts) => Math.min(attempts * 50, maxBackoffMs),
    ...(role === 'produces'
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: connectTimeoutMs }
      : { maxRetriesPerRequest: null }),
  })
  // Callers hear of it from their own call; without a listener it would end the process.
  redis.on('error', () => {})
  return {
    connection: redis,
    backend: createRedisBackend,
    isAway: () => ['close', 'reconnecting', 'end'].includes(redis.status),
    ping: async () => {
      if (redis.status === 'wait') await redis.connect()
      await redis.ping()
    },
    close: async () => redis.disconnect(),
  }
}

function openPostgres(url: string): QueueConnection {
  const pool = new pg.Pool({
    connectionString: url,
    // BullMQ cannot set it on a pool that it did not make.
    options: '-c search_path=bullmq,public',
    max: 4,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: 10_000,
    keepAlive: true,
  })
  pool.on('error', () => {})
  // The pool listens to idle connections alone: one that breaks between two statements of BullMQ's would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    connection: pool as QueueOptions['connection'],
    backend: createPostgresBackend as BackendFactory,
    isAway: () => false,
    ping: async () => {
      await pool.query('select 1')
    },
    close: () => pool.end(),
  }
}
