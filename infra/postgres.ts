import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, open, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { freePort } from './ports.ts'
import { findPostgresBinaries } from './postgres-binaries.ts'
import { findUser, isRoot, type SystemUser } from './system-user.ts'
import { isAlive, spawnTied } from './tied-process.ts'
import { until } from './until.ts'

const run = promisify(execFile)

/** A PostgreSQL server of our own. */
export interface PostgresServer {
  /** Of the database that was asked for; its password is in it. */
  url: string
  /** Whether it ran already, left over from a run that was killed. */
  adopted: boolean
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Absolute; its user must be able to enter it. */
  directory: string
  /** Made when missing. */
  database: string
  /** Off only where the data may be lost with the machine, as in tests. */
  fsync: boolean
  say(line: string): void
}

interface Cluster {
  binaries: string
  directory: string
  /** Null for ourselves. */
  user: SystemUser | null
  fsync: boolean
}

const superuser = 'quantix'
const startAttempts = 5
const startTimeoutMs = 30_000
const stopTimeoutMs = 20_000

/**
 * Whom PostgreSQL runs as; null for ourselves. It refuses to run as root, so root takes the user `postgres`, or makes a
 * system user where the machine has none.
 */
export async function postgresUser(say: (line: string) => void): Promise<SystemUser | null> {
  if (!isRoot()) return null
  const existing = (await findUser('postgres')) ?? (await findUser('quantix-postgres'))
  if (existing) return existing
  say('Making the system user quantix-postgres: PostgreSQL does not run as root')
  await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'quantix-postgres'])
  const made = await findUser('quantix-postgres')
  if (!made) throw new Error('The system user quantix-postgres was made and is not there')
  return made
}

/**
 * Starts PostgreSQL on a free loopback port, its data in `directory`; takes over a server that already runs on that data.
 * The port changes from start to start; the password is in `directory`/password, for its own user alone.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = await postgresUser(options.say)
  const binaries = await findPostgresBinaries(user, options.say)
  const cluster = { binaries, user, directory: options.directory, fsync: options.fsync }
  const password = await prepareCluster(cluster)

  const addressOf = (port: number) => `postgres://${superuser}:${password}@127.0.0.1:${port}`
  const running = await findRunning(cluster, (port) => answers(`${addressOf(port)}/postgres`))
  const { pid, port } = running ?? (await startServer(cluster))
  const address = addressOf(port)
  await ensureDatabase(`${address}/postgres`, options.database)
  return {
    url: `${address}/${options.database}`,
    adopted: running !== null,
    async stop() {
      // The file goes last; a process may stay behind as a zombie where nothing reaps it.
      const ended = () => !isAlive(pid) || !existsSync(pidFile(cluster))
      // PostgreSQL's "fast" shutdown, which ends sessions, then its "immediate" one.
      for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
        if (!ended()) process.kill(pid, signal)
        if (await until(ended, stopTimeoutMs)) return
      }
    },
  }
}

const dataDirectory = (cluster: Cluster) => path.join(cluster.directory, 'data')
const pidFile = (cluster: Cluster) => path.join(dataDirectory(cluster), 'postmaster.pid')
const identity = ({ user }: Cluster) => (user ? { uid: user.uid, gid: user.gid } : {})

/** Makes the data directory at the first start. Returns the password. */
async function prepareCluster(cluster: Cluster): Promise<string> {
  const passwordFile = path.join(cluster.directory, 'password')
  if (existsSync(dataDirectory(cluster))) return (await readFile(passwordFile, 'utf8')).trim()

  await mkdir(cluster.directory, { recursive: true, mode: 0o755 })
  const password = randomBytes(24).toString('hex')
  await rm(passwordFile, { force: true })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (cluster.user) {
    await chown(cluster.directory, cluster.user.uid, cluster.user.gid)
    await chown(passwordFile, cluster.user.uid, cluster.user.gid)
  }
  // Made under another name first: an interrupted initdb leaves what no server accepts.
  const unfinished = `${dataDirectory(cluster)}.new`
  await rm(unfinished, { recursive: true, force: true })
  const args = ['--pgdata', unfinished, '--username', superuser, '--pwfile', passwordFile]
  args.push('--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale', '--no-instructions')
  if (!cluster.fsync) args.push('--no-sync')
  await run(path.join(cluster.binaries, 'initdb'), args, { cwd: '/', ...identity(cluster) })
  await rename(unfinished, dataDirectory(cluster))
  return password
}

/** Its own word on itself, rewritten as it starts. https://www.postgresql.org/docs/18/storage-file-layout.html */
async function readPidFile(cluster: Cluster): Promise<{ pid: number; port: number; ready: boolean } | null> {
  try {
    const lines = (await readFile(pidFile(cluster), 'utf8')).split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
  } catch {
    return null
  }
}

/** The server that already runs on this data. Clears away the pid file of one that was killed. */
async function findRunning(
  cluster: Cluster,
  serves: (port: number) => Promise<boolean>,
): Promise<{ pid: number; port: number } | null> {
  const left = await readPidFile(cluster)
  if (!left) return null
  let isServing = false
  await until(async () => {
    // The pid may belong to another program by now, at which PostgreSQL would refuse to start; its own server works in its data directory.
    const workingDirectory = await readlink(`/proc/${left.pid}/cwd`).catch(() => null)
    if (workingDirectory !== dataDirectory(cluster)) return true
    isServing = (await readPidFile(cluster))?.ready === true && (await serves(left.port))
    return isServing
  }, startTimeoutMs)
  if (isServing) return left
  if (existsSync('/proc')) await rm(pidFile(cluster), { force: true })
  return null
}

async function startServer(cluster: Cluster): Promise<{ pid: number; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryStart(cluster, await freePort())
    if (typeof outcome === 'object') return outcome
    // Another program took the port, or the last processes of a killed server are still going.
    const passing = /could not create any TCP\/IP sockets|pre-existing shared memory block/.test(outcome)
    if (!passing || attempt === startAttempts) throw new Error(`PostgreSQL did not start:\n${outcome}`)
  }
}

/** Returns the running server, or what it said as it failed. */
async function tryStart(cluster: Cluster, port: number): Promise<{ pid: number; port: number } | string> {
  const logFile = path.join(cluster.directory, 'log')
  const log = await open(logFile, 'w', 0o600)
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200']
  if (!cluster.fsync) settings.push('fsync=off', 'full_page_writes=off', 'synchronous_commit=off')
  const child = spawnTied(
    'INT',
    path.join(cluster.binaries, 'postgres'),
    ['-D', dataDirectory(cluster), '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { stdio: ['ignore', log.fd, log.fd], cwd: '/', ...identity(cluster) },
  )
  let failed = false
  child.once('error', () => (failed = true))
  child.once('exit', () => (failed = true))
  await log.close()
  const isUp = async () => {
    const written = await readPidFile(cluster)
    return written?.pid === child.pid && written?.ready === true
  }
  const decided = await until(async () => failed || (await isUp()), startTimeoutMs)
  if (decided && !failed && child.pid !== undefined) {
    child.unref()
    return { pid: child.pid, port }
  }
  child.kill('SIGQUIT')
  return readFile(logFile, 'utf8')
}

/** Whether the server serves: one that is just being killed still listens. */
async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1 })
  return sql`select 1`
    .then(
      () => true,
      () => false,
    )
    .finally(() => sql.end())
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const sql = postgres(url, { max: 1 })
  try {
    const [existing] = await sql`select 1 from pg_database where datname = ${name}`
    if (!existing) await sql`create database ${sql(name)}`
  } finally {
    await sql.end()
  }
}
