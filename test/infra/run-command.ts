import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from '#infra/ports.ts'
import { until } from '#infra/until.ts'
import { type ProcessEntry, processTree } from '#test/support/processes.ts'

/** A command of ours as npm runs it. */
export interface Command {
  /** All that it has printed. */
  output(): string
  /** Resolves when the text was printed; throws when it ends or 60 s pass before. */
  printed(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Its processes, from the one that npm starts to the last of ours. */
  processes(): ProcessEntry[]
  /** Resolves with its exit status; throws when it still runs after 100 s. */
  ended(): Promise<number | null>
}

const printTimeoutMs = 60_000
const endTimeoutMs = 100_000

/** Runs `infra/bootstrap.js PROGRAM`, which is killed with the test at the latest. */
export function runCommand(args: string[], env: Record<string, string>): Command {
  const child = spawn('node', ['infra/bootstrap.js', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return {
    output: () => output,
    async printed(text) {
      await until(() => output.includes(text) || child.exitCode !== null, printTimeoutMs)
      if (!output.includes(text)) throw new Error(`"${text}" was not printed, but:\n${output}`)
    },
    kill: (signal) => void child.kill(signal),
    processes: () => processTree(child.pid ?? 0),
    async ended() {
      const inTime = await until(() => child.exitCode !== null || child.signalCode !== null, endTimeoutMs)
      if (!inTime) throw new Error(`It does not end, and printed:\n${output}`)
      return child.exitCode
    },
  }
}

/** Settings under which a command gets in nobody's way. */
export async function privateSettings(): Promise<Record<string, string>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'quantix-state-'))
  await chmod(directory, 0o755)
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return {
    QUANTIX_STATE: path.join(directory, 'state'),
    QUANTIX_PORT: String(await freePort()),
    QUANTIX_GRPC_PORT: String(await freePort()),
    QUANTIX_LIBVIRT_URI: 'simulated:///',
  }
}
