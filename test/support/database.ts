import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, inject } from 'vitest'
import { type Database, openDatabase } from '#db/client.ts'

export interface TestDatabase extends Database {
  /** For what opens connections of its own. */
  url: string
}

/**
 * An empty, migrated database (BullMQ's tables included) for one test file, dropped at the file's end.
 * Await it at the top of the file.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { drop, ...database } = await copyDatabase(inject('templateDatabaseUrl'))
  afterAll(drop)
  return database
}

/** A copy of a database that nobody is connected to. */
export async function copyDatabase(template: string): Promise<TestDatabase & { drop(): Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const administer = async (statement: (sql: postgres.Sql) => Promise<unknown>) => {
    const sql = postgres(databaseUrl(template, 'postgres'), { max: 1, onnotice: () => {} })
    try {
      await statement(sql)
    } finally {
      await sql.end()
    }
  }
  await administer((sql) => sql`create database ${sql(name)} template ${sql(new URL(template).pathname.slice(1))}`)
  const url = databaseUrl(template, name)
  const database = openDatabase(url)
  return {
    ...database,
    url,
    async drop() {
      await database.close()
      await administer((sql) => sql`drop database ${sql(name)} with (force)`)
    },
  }
}

const databaseUrl = (server: string, name: string) => Object.assign(new URL(server), { pathname: `/${name}` }).href
