import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runMigrations } from 'bullmq'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as runDrizzleMigrations } from 'drizzle-orm/postgres-js/migrator'
import pg from 'pg'
import postgres from 'postgres'
import type { QueueConfig } from './operations/queue.ts'

const migrationsFolder = fileURLToPath(new URL('migrations', import.meta.url))

/** Of the whole project: who migrates holds it. */
const advisoryLockKey = 7_143_820_501

/**
 * Brings our tables up to date, and BullMQ's own where the queue runs on Postgres.
 * Several processes may call it at once: one does the work, the others wait for it.
 */
export async function migrate(url: string, options: { queue?: QueueConfig } = {}): Promise<void> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    if (!(await isCurrent(sql))) {
      await sql`select pg_advisory_lock(${advisoryLockKey})`
      await runDrizzleMigrations(drizzle(sql), { migrationsFolder })
    }
  } finally {
    // Ends the session, and the lock with it.
    await sql.end()
  }
  if (options.queue?.backend === 'postgres') await migrateQueue(options.queue.url)
}

async function isCurrent(sql: postgres.Sql): Promise<boolean> {
  const [known] = await sql<{ table: string | null }[]>`select to_regclass('drizzle.__drizzle_migrations') as table`
  if (known?.table == null) return false
  const [last] = await sql<{ when: string }[]>`select max(created_at) as when from drizzle.__drizzle_migrations`
  const journal: { entries: { when: number }[] } = JSON.parse(
    readFileSync(`${migrationsFolder}/meta/_journal.json`, 'utf8'),
  )
  return Number(last?.when ?? 0) >= Math.max(...journal.entries.map((entry) => entry.when))
}

/** BullMQ holds an advisory lock of its own meanwhile. */
async function migrateQueue(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    await runMigrations(client)
  } finally {
    await client.end()
  }
}
