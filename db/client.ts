import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'

export type Drizzle = PostgresJsDatabase

/** One pool of connections, opened by the first statement. */
export interface Database {
  /** For every statement. JSON and times are converted here, and only here. */
  drizzle: Drizzle
  /** The driver underneath; `drizzle` has switched its own conversion of JSON and times off. */
  sql: postgres.Sql
  /** Lets running statements end for a moment, then closes all connections. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  maxConnections?: number
  /** What pg_stat_activity shows. */
  applicationName?: string
}

/** Longest wait between two attempts to connect: how late an outage's end may be noticed. */
const maxBackoffSeconds = 0.5

/** Opens nothing yet; a statement that finds no server rejects within the connect timeout (5 s). */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const sql = postgres(url, {
    max: options.maxConnections ?? 10,
    connect_timeout: 5,
    backoff: (retries) => Math.min(2 ** retries / 100, maxBackoffSeconds),
    onnotice: () => {},
    // Asked of each new connection, for arrays, of which we read none; where that connection breaks, nobody catches it.
    fetch_types: false,
    connection: { application_name: options.applicationName ?? 'quantix', statement_timeout: 30_000 },
  })
  return { drizzle: drizzle(sql, { casing: 'snake_case' }), sql, close: () => sql.end({ timeout: 1 }) }
}

/**
 * A hot statement, built once per database. Built with `.prepare(name)`, PostgreSQL parses it once per connection;
 * values are `sql.placeholder('name')`.
 */
export function hotStatement<Statement>(build: (drizzle: Drizzle) => Statement): (db: Database) => Statement {
  const built = new WeakMap<Database, Statement>()
  return (db) => {
    const known = built.get(db)
    if (known) return known
    const statement = build(db.drizzle)
    built.set(db, statement)
    return statement
  }
}
