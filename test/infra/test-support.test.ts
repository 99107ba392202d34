import { expect, test } from 'vitest'
import { createTestDatabase } from '#test/support/database.ts'

const one = await createTestDatabase()
const other = await createTestDatabase()

test('every test database has the tables of ours and of BullMQ, and nothing of another', async () => {
  await one.sql`create table scratch ()`
  const tables = (database: typeof one) =>
    database.sql`select schemaname, tablename from pg_tables where schemaname in ('public', 'bullmq')`
  const found = await tables(other)
  expect(found).toContainEqual({ schemaname: 'public', tablename: 'operations' })
  expect(found).toContainEqual({ schemaname: 'bullmq', tablename: 'job' })
  expect(found).not.toContainEqual({ schemaname: 'public', tablename: 'scratch' })
})
