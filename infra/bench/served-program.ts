import { once } from 'node:events'
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '#infra/ports.ts'
import { smallMemory } from '#infra/small-memory.ts'
import { isAlive, spawnTied } from '#infra/tied-process.ts'
import { until } from '#infra/until.ts'

const root = path.join(import.meta.dirname, '../..')
const startTimeoutMs = 60_000

/** One of the programs under measurement, in a process of its own. */
export interface ServedProgram {
  pid: number
  port: number
  stop(): Promise<void>
}

/**
 * Starts a program as `npm start` does (its file below the repository's root) on a free QUANTIX_PORT, and waits until `isReady`.
 * Its output goes to `logFile`, whose end is in the error when it does not come up.
 */
export async function startServed(
  main: string,
  env: NodeJS.ProcessEnv,
  {
    logFile,
    isReady,
    args = () => [],
  }: { logFile: string; isReady(port: number): Promise<boolean>; args?: (port: number) => string[] },
): Promise<ServedProgram> {
  const port = await freePort()
  const log = openSync(logFile, 'w')
  const child = spawnTied('TERM', process.execPath, [...smallMemory.nodeArgs, path.join(root, main), ...args(port)], {
    env: { ...smallMemory.env, ...process.env, ...env, QUANTIX_PORT: String(port) },
    stdio: ['ignore', log, log],
  })
  const exited = once(child, 'exit')
  const pid = child.pid ?? 0
  const decided = await until(
    async () => !isAlive(pid) || child.exitCode !== null || (await isReady(port)),
    startTimeoutMs,
  )
  if (!decided || child.exitCode !== null) {
    child.kill('SIGKILL')
    throw new Error(`${main} did not come up:\n${(await readFile(logFile, 'utf8')).slice(-2000)}`)
  }
  return {
    pid,
    port,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Whether the path answers at all with a status below 500. */
export const answers = (port: number, route: string): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}${route}`).then(
    (response) => response.status < 500,
    () => false,
  )
