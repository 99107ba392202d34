import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LibvirtHost, startLibvirtHost } from '#infra/libvirt-host.ts'
import { freePort } from '#infra/ports.ts'
import { startBackends } from './backends.ts'
import { answers, type ServedProgram, startServed } from './served-program.ts'

/** Api and worker as in production, on a libvirt host, a PostgreSQL and a Redis of their own. */
export interface ControlPlane {
  api: ServedProgram
  worker: ServedProgram
  /** Without a slash at its end. */
  apiUrl: string
  host: LibvirtHost
  stop(): Promise<void>
}

/** Starts everything and waits until the node has told what it can run. */
export async function startControlPlane(
  queue: 'redis' | 'postgres',
  say: (line: string) => void,
): Promise<ControlPlane> {
  await using stack = new AsyncDisposableStack()
  const backends = await startBackends(say)
  stack.defer(backends.stop)
  const host = await startLibvirtHost()
  stack.defer(host.stop)

  const env = {
    DATABASE_URL: backends.databaseUrl,
    REDIS_URL: queue === 'redis' ? backends.redisUrl : undefined,
    QUANTIX_QUEUE: queue,
    QUANTIX_STATE: path.join(backends.directory, 'state'),
    QUANTIX_LIBVIRT_URI: host.uri,
    QUANTIX_GRPC_PORT: String(await freePort()),
    // No VM is started here, and emulation is there on every machine.
    QUANTIX_VIRT_TYPE: 'qemu',
  }
  const logFile = (name: string) => path.join(backends.directory, `${name}.log`)
  const api = await startServed('api/main.ts', env, {
    logFile: logFile('api'),
    isReady: (port) => answers(port, '/readyz'),
  })
  stack.defer(api.stop)
  const apiUrl = `http://127.0.0.1:${api.port}`
  const worker = await startServed('worker/main.ts', env, {
    logFile: logFile('worker'),
    isReady: () => canRun(apiUrl),
  })
  stack.defer(worker.stop)

  const started = stack.move()
  return { api, worker, apiUrl, host, stop: () => started.disposeAsync() }
}

async function canRun(apiUrl: string): Promise<boolean> {
  const response = await fetch(`${apiUrl}/api/v1/nodes`)
  const { items } = (await response.json()) as { items: { cpuModes: { supported: boolean }[] }[] }
  const able = items.some(({ cpuModes }) => cpuModes.some(({ supported }) => supported))
  if (!able) await sleep(100)
  return able
}
