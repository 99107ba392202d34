import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { migrate } from '#db/migrate.ts'
import type { Settings } from '#db/settings.ts'
import { claimPort } from '../ports.ts'
import type { Machine } from '../setup/machine.ts'
import { until } from '../until.ts'
import { type Backends, startBackends } from './backends.ts'
import { type Program, startProgram } from './program.ts'
import { provideSecretKey } from './secret-key.ts'
import { type StateDirectory, takeStateDirectory } from './state-directory.ts'

/** All programs of Quantix on this machine. */
export interface Stack {
  apiUrl: string
  state: StateDirectory
  backends: Backends
  /** Throws `unavailable` with a program's last words when it ends again and again. */
  requireAlive(): void
  /** Ends everything in order; VMs stay. */
  stop(): Promise<void>
}

const readyTimeoutMs = 60_000
/** A program that ended this often while everything comes up will not come up by itself. */
const hopelessFailures = 3
const stopTimeoutMs = 5000

/** Starts everything and waits until the API is ready. Throws, with nothing left running, when it does not come up. */
export async function startStack(settings: Settings, machine: Machine, say: (line: string) => void): Promise<Stack> {
  /** How to end what was started, the last first. */
  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    // One that fails does not keep the others from being ended.
    for (let step = undo.pop(); step; step = undo.pop()) await step().catch((error) => say(`Stopping: ${error}`))
  }
  try {
    undo.push((await claimPort(settings.port, 'QUANTIX_PORT')).release)
    undo.push((await claimPort(settings.grpcPort, 'QUANTIX_GRPC_PORT')).release)
    const state = await takeStateDirectory(settings, machine.hypervisor, say)
    undo.push(state.lock.release)
    const backends = await startBackends({ settings, stateDirectory: state.path, hasRedis: machine.hasRedis, say })
    undo.push(backends.stop)
    await migrate(backends.databaseUrl, { queue: backends.queue })

    const secretKey = process.env.QUANTIX_SECRET_KEY || (await provideSecretKey(state.path))
    const env = programEnvironment(settings, machine, state, backends, secretKey)
    const logsDirectory = path.join(state.path, 'logs')
    const programs: Program[] = []
    undo.push(async () => {
      // First nothing new comes in, then those end who may be in the middle of something.
      const [api, ...others] = programs
      await api?.stop(stopTimeoutMs)
      await Promise.all(others.map((program) => program.stop(stopTimeoutMs)))
    })
    for (const [name, main] of Object.entries(mains)) {
      programs.push(await startProgram({ name, main, env, logsDirectory, say }))
    }
    const apiUrl = `http://127.0.0.1:${settings.port}`
    await waitUntilReady(apiUrl, programs)
    return { apiUrl, state, backends, requireAlive: () => requireAlive(programs), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const mains = { api: 'api/main.ts', worker: 'worker/main.ts', controller: 'worker/control/main.ts' }

/** The settings as they turned out, for the programs. */
function programEnvironment(
  settings: Settings,
  { hypervisor }: Machine,
  state: StateDirectory,
  { databaseUrl, queue }: Backends,
  secretKey: string,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    REDIS_URL: queue.backend === 'redis' ? queue.url : undefined,
    QUANTIX_QUEUE: queue.backend,
    QUANTIX_STATE: state.path,
    QUANTIX_IMAGES: state.images,
    QUANTIX_PORT: String(settings.port),
    QUANTIX_GRPC_PORT: String(settings.grpcPort),
    QUANTIX_SECRET_KEY: secretKey,
    QUANTIX_LIBVIRT_URI: hypervisor.kind === 'libvirt' ? hypervisor.uri : 'simulated:///',
  }
}

async function waitUntilReady(apiUrl: string, programs: readonly Program[]): Promise<void> {
  const isReady = () =>
    fetch(`${apiUrl}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
  const ready = await until(() => {
    requireAlive(programs)
    return isReady()
  }, readyTimeoutMs)
  if (!ready) throw new AppError('unavailable', `The API is not ready after ${readyTimeoutMs / 1000} s`)
}

function requireAlive(programs: readonly Program[]): void {
  const hopeless = programs.find((program) => program.failures() >= hopelessFailures)
  if (!hopeless) return
  throw new AppError('unavailable', `The ${hopeless.name} does not come up. Its last words:\n${hopeless.lastLines()}`)
}
