import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrate } from '#db/migrate.ts'
import { startPostgres } from '#infra/postgres.ts'
import { startRedis } from '#infra/redis.ts'

export interface BenchBackends {
  databaseUrl: string
  redisUrl: string
  /** Removed by `stop`. */
  directory: string
  stop(): Promise<void>
}

/** A migrated PostgreSQL that waits for the disk, as in production, and a Redis, both new and empty. */
export async function startBackends(say: (line: string) => void): Promise<BenchBackends> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qx-bench-'))
  // PostgreSQL and QEMU run as users of their own.
  await chmod(directory, 0o755)
  const postgres = await startPostgres({
    directory: path.join(directory, 'postgres'),
    database: 'quantix',
    fsync: true,
    say,
  })
  const redis = await startRedis()
  await migrate(postgres.url, { queue: { backend: 'postgres', url: postgres.url } })
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    directory,
    async stop() {
      await redis.stop()
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
