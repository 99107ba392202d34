import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { hotStatement, openDatabase } from '#db/client.ts'
import { nodes } from '#db/schema/node.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { startProxy } from './proxy.ts'
import { aNode, aVm, readVm } from './rows.ts'

const database = await createTestDatabase()

test('JSON and times come back as they were stored', async () => {
  const { nodeId } = await aNode(database)
  const startedAt = new Date()
  const name = 'quotes " and \\ and \u00e4'
  const vm = await aVm(database, nodeId, { startedAt, name })
  expect(await readVm(database, vm.id)).toEqual(vm)
  expect(vm).toMatchObject({ startedAt, name, spec: { disks: [{ sizeGib: 1 }] } })
})

test('a statement fails soon when Postgres is away, and works as soon as it is back', async () => {
  const proxy = await startProxy(database.url)
  const db = openDatabase(proxy.url)
  await db.sql`select 1`
  await proxy.cut()
  const startedAt = performance.now()
  await expect(db.sql`select 1`).rejects.toThrow()
  await expect(db.sql`select 1`).rejects.toThrow()
  expect(performance.now() - startedAt).toBeLessThan(3000)
  await proxy.restore()
  await db.sql`select 1`
  await db.close()
})

test('a hot statement is parsed once per connection, however often it runs', async () => {
  const db = openDatabase(database.url, { maxConnections: 1 })
  const statement = hotStatement((drizzle) =>
    drizzle
      .select({ id: nodes.id })
      .from(nodes)
      .where(eq(nodes.id, sql.placeholder('id')))
      .prepare('one_node'),
  )
  for (let n = 0; n < 3; n++) await statement(db).execute({ id: randomUUID() })
  expect(statement(db)).toBe(statement(db))
  const [prepared] = await db.sql`select calls::int from (
    select generic_plans + custom_plans as calls from pg_prepared_statements where statement like 'select "id" from "nodes"%') as p`
  expect(prepared?.calls).toBe(3)
  await db.close()
})
