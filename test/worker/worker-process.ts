import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('killable-worker.ts', import.meta.url))

export interface WorkerPlace {
  stateDirectory: string
  databaseUrl: string
  /** The queue runs on Postgres where there is none. */
  redisUrl?: string
  libvirtUri: string
  virtType?: 'auto' | 'qemu'
}

/** A state directory that ends with the test; whoever starts there is the node's worker. */
export function aStateDirectory(nodeId: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'qw-'))
  writeFileSync(path.join(directory, 'node-id'), nodeId)
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export interface WorkerProcess {
  /** Resolves when it has ended, with the signal that ended it. */
  ended: Promise<NodeJS.Signals | null>
  kill(signal: NodeJS.Signals): Promise<void>
}

/** Starts a worker as a process of its own. `killAt` is where it kills itself: `<step>/<moment>`, or `<step>/<moment>+<ms>`. */
export function startWorkerProcess(place: WorkerPlace, killAt = ''): WorkerProcess {
  const child: ChildProcess = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: place.databaseUrl,
      REDIS_URL: place.redisUrl ?? '',
      QUANTIX_STATE: place.stateDirectory,
      QUANTIX_LIBVIRT_URI: place.libvirtUri,
      QUANTIX_VIRT_TYPE: place.virtType ?? 'auto',
      // The servers of tests are on this machine.
      QUANTIX_IMAGE_URL_ALLOW: '127.0.0.1',
      KILL_AT: killAt,
    },
  })
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null)
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  onTestFinished(() => kill('SIGKILL'))
  return { ended, kill }
}
