import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync, renameSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { smallMemory } from '../small-memory.ts'
import { until } from '../until.ts'
import { consoleSummary } from './log-summary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ProgramOptions {
  name: string
  /** Below the repository's root. */
  main: string
  env: NodeJS.ProcessEnv
  logsDirectory: string
  say(line: string): void
}

/** One of our programs, started again whenever it ends by itself. */
export interface Program {
  name: string
  /** How often it ended by itself. */
  failures(): number
  /** Its last words, for an error message. */
  lastLines(): string
  /** Asks it to end, and makes it after the time. */
  stop(timeoutMs: number): Promise<void>
}

const firstDelayMs = 200
const longestDelayMs = 10_000
/** Who ran this long had started well: the next delay is the first one again. */
const settledMs = 30_000
const keptLines = 20

/** Starts a program of ours and keeps it running; all it prints goes to its log file, warnings also to the console. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const log = await openLog(options)
  const recent: string[] = []
  let failures = 0
  let delayMs = firstDelayMs
  let child: ChildProcess | null = null
  let timer: NodeJS.Timeout | null = null
  let stopping = false

  const launch = () => {
    const begun = Date.now()
    child = spawn(
      process.execPath,
      [
        ...['--import', path.join(root, 'infra/follow-parent.ts')],
        ...smallMemory.nodeArgs,
        path.join(root, options.main),
      ],
      {
        cwd: root,
        env: { ...smallMemory.env, ...options.env },
        // A session of its own: Ctrl-C reaches us alone, and we end the programs in their order.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    )
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on('line', record)
    }
    child.once('close', (code, signal) => {
      child = null
      if (stopping) return
      failures++
      if (Date.now() - begun > settledMs) delayMs = firstDelayMs
      options.say(
        `${options.name} ended (${signal ?? code}); starting it again in ${delayMs / 1000} s. See ${log.path}`,
      )
      timer = setTimeout(launch, delayMs)
      delayMs = Math.min(delayMs * 2, longestDelayMs)
    })
  }
  const record = (line: string) => {
    log.write(`${line}\n`)
    recent.push(line)
    if (recent.length > keptLines) recent.shift()
    const summary = consoleSummary(line)
    if (summary) options.say(`${options.name}: ${summary}`)
  }
  launch()

  return {
    name: options.name,
    failures: () => failures,
    lastLines: () => recent.join('\n'),
    async stop(timeoutMs) {
      stopping = true
      if (timer) clearTimeout(timer)
      child?.kill('SIGTERM')
      if (!(await until(() => child === null, timeoutMs))) {
        options.say(`${options.name} did not end within ${timeoutMs / 1000} s; killing it`)
        child?.kill('SIGKILL')
        await until(() => child === null, timeoutMs)
      }
      log.end()
    },
  }
}

/** A fresh log file; the last run's is kept beside it. */
async function openLog({ logsDirectory, name }: ProgramOptions) {
  await mkdir(logsDirectory, { recursive: true })
  const file = path.join(logsDirectory, `${name}.log`)
  if (existsSync(file)) renameSync(file, `${file}.1`)
  return createWriteStream(file)
}
