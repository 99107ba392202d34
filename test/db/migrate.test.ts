import postgres from 'postgres'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { nodes } from '#db/schema/node.ts'
import { createTestDatabase } from '#test/support/database.ts'

const migrated = await createTestDatabase()
const administration = postgres(migrated.url, { max: 1, onnotice: () => {} })
const name = `empty_${process.pid}`
const url = Object.assign(new URL(migrated.url), { pathname: `/${name}` }).href
await administration.unsafe(`create database ${name}`)
afterAll(async () => {
  await administration.unsafe(`drop database ${name} with (force)`)
  await administration.end()
})

test('many processes may migrate an empty database at once', async () => {
  const queue = { backend: 'postgres', url } as const
  await Promise.all(Array.from({ length: 8 }, () => migrate(url, { queue })))
  const db = openDatabase(url)
  expect(await db.drizzle.select().from(nodes)).toEqual([])
  const [applied] = await db.sql`select count(*)::int as times from drizzle.__drizzle_migrations`
  expect(applied?.times).toBeGreaterThan(0)
  const [bullmq] = await db.sql`select to_regclass('bullmq.job') is not null as there`
  expect(bullmq?.there).toBe(true)
  await migrate(url, { queue })
  const [again] = await db.sql`select count(*)::int as times from drizzle.__drizzle_migrations`
  expect(again?.times).toBe(applied?.times)
  await db.close()
})
