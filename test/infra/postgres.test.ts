import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { postgresUser, startPostgres } from '#infra/postgres.ts'
import { until } from '#infra/until.ts'
import { startScript } from './script.ts'

async function freshDirectory(): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), 'quantix-pg-'))
  await chmod(parent, 0o755)
  onTestFinished(() => rm(parent, { recursive: true }))
  return path.join(parent, 'postgres')
}

const start = (directory: string, fsync = false) => startPostgres({ directory, database: 'app', fsync, say: () => {} })

async function query(url: string, text: string): Promise<postgres.Row[]> {
  const sql = postgres(url, { max: 1 })
  try {
    return await sql.unsafe(text)
  } finally {
    await sql.end()
  }
}

const pidFile = (directory: string) => path.join(directory, 'data', 'postmaster.pid')
const pidOf = (directory: string) => Number(readFileSync(pidFile(directory), 'utf8').split('\n')[0])

test('its data outlives an end by SIGKILL', async () => {
  const directory = await freshDirectory()
  const first = await start(directory, true)
  await query(first.url, 'create table kept as select 42 as answer')
  process.kill(pidOf(directory), 'SIGKILL')

  const second = await start(directory)
  expect(second.adopted).toBe(false)
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  await second.stop()
})

test('a pid file that names another program of the same user does not keep it from starting', async () => {
  const directory = await freshDirectory()
  await (await start(directory)).stop()
  const user = await postgresUser(() => {})
  const other = spawn('sleep', ['60'], user ? { uid: user.uid, gid: user.gid } : {})
  onTestFinished(() => void other.kill())
  await writeFile(pidFile(directory), `${other.pid}\n${directory}/data\n1\n5432\n\n127.0.0.1\n\nready\n`)
  const server = await start(directory)
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
})

test('a server that runs already on the data is taken over', async () => {
  const directory = await freshDirectory()
  const first = await start(directory)
  const second = await start(directory)
  expect(second).toMatchObject({ adopted: true, url: first.url })
  await second.stop()
  expect(existsSync(pidFile(directory))).toBe(false)
})

test('it ends with the process that started it, also when that one is killed', async () => {
  const directory = await freshDirectory()
  const starter = startScript(`
    import { postgresUser, startPostgres } from '#infra/postgres.ts'
    await startPostgres({ directory: '${directory}', database: 'app', fsync: false, say: () => {} })
    console.log('started')
    setInterval(() => {}, 1000)
  `)
  expect(await starter.line()).toBe('started')
  await starter.kill()
  // Its pid file is the last thing that it removes.
  const ended = await until(() => !existsSync(pidFile(directory)), 10_000)
  expect(ended).toBe(true)
})

test('nobody gets in without the password', async () => {
  const directory = await freshDirectory()
  const server = await start(directory)
  const url = new URL(server.url)
  url.password = 'guessed'
  await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed')
  await server.stop()
})
