import path from 'node:path'
import { type QueueConfig, queueConfig } from '#db/operations/queue.ts'
import type { Settings } from '#db/settings.ts'
import { startPostgres } from '../postgres.ts'
import { startRedis } from '../redis.ts'

/** What the programs keep their data and their queue in. */
export interface Backends {
  databaseUrl: string
  queue: QueueConfig
  /** For people. */
  databaseTitle: string
  queueTitle: string
  stop(): Promise<void>
}

export interface BackendOptions {
  settings: Settings
  stateDirectory: string
  hasRedis: boolean
  say(line: string): void
}

/** Starts the PostgreSQL and the Redis that were not given: PostgreSQL always, Redis where there is one. */
export async function startBackends({ settings, stateDirectory, hasRedis, say }: BackendOptions): Promise<Backends> {
  const directory = path.join(stateDirectory, 'postgres')
  const postgres =
    settings.databaseUrl === undefined
      ? await startPostgres({ directory, database: 'quantix', fsync: true, say })
      : null
  const databaseUrl = settings.databaseUrl ?? postgres?.url
  try {
    const redis = hasRedis ? await startRedis() : null
    const redisUrl = settings.redisUrl ?? redis?.url
    const queue = queueConfig({ queue: settings.queue, redisUrl, databaseUrl })
    return {
      databaseUrl: databaseUrl ?? '',
      queue,
      databaseTitle: postgres ? `PostgreSQL, embedded, in ${directory}` : 'PostgreSQL of DATABASE_URL',
      queueTitle:
        queue.backend === 'postgres'
          ? `BullMQ on PostgreSQL (${settings.queue === 'postgres' ? 'QUANTIX_QUEUE' : 'there is no redis-server'})`
          : `BullMQ on ${redis ? `a private Redis ${redis.version}` : 'the Redis of REDIS_URL'}`,
      async stop() {
        await redis?.stop()
        await postgres?.stop()
      },
    }
  } catch (error) {
    await postgres?.stop()
    throw error
  }
}
