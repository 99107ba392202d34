import { setTimeout as delay } from 'node:timers/promises'
import { type handleUnaryCall, Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import { HealthImplementation } from 'grpc-health-check'
import type { Logger } from 'pino'
import { AppError } from '#db/errors.ts'
import { loadNodeDaemon, loadPublished, serviceName } from '#proto/node-daemon.ts'
import type { WatchedCertificates } from '#proto/tls/watched-certificates.ts'
import { refusing } from './refusing.ts'
import { listenWithTls } from './tls-listener.ts'

/** The node's gRPC server: https://github.com/grpc/grpc/blob/master/doc/health-checking.md, reflection, and the node daemon. */
export interface DaemonServer {
  readonly port: number
  /** Of the whole daemon (the empty name) and of the node daemon's service. */
  setServing(serving: boolean): void
  readonly isServing: boolean
  /** When what it shows runs out; null without TLS. */
  readonly certificateExpiresAt: Date | null
  /** Answers the node daemon's calls from now on; before, they are answered with UNAVAILABLE. */
  serve(service: UntypedServiceImplementation): void
  /** Takes no more calls, and ends those that go on after the time. */
  close(timeoutMs: number): Promise<void>
}

/** Where a server listens. Port 0 takes a free one. */
export interface ListenAddress {
  host: string
  port: number
}

/** Mutual TLS: what the node shows, and where refused clients are logged. */
export interface ServerTls {
  certificates: WatchedCertificates
  log: Logger
}

/**
 * No connection lives much longer: its end verifies the other one again, and takes new certificates. gRPC clients make
 * the next one before they leave it.
 */
const connectionAgeMs = 3_600_000

/** Who has gone without a word would have its streams for good: it is asked once a minute whether it is there. */
const keepalive = { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 20_000 }

/** Listens at once, and tells everybody that it does not serve yet. Without TLS whoever reaches it is served. */
export async function openServer(listen: ListenAddress, tls?: ServerTls): Promise<DaemonServer> {
  const { service: methods } = loadNodeDaemon()
  const health = new HealthImplementation({ '': 'NOT_SERVING', [serviceName]: 'NOT_SERVING' })
  const server = new Server({ ...keepalive, ...(tls && { 'grpc.max_connection_age_ms': connectionAgeMs }) })
  health.addToServer(server)
  new ReflectionService(loadPublished()).addToServer(server)
  let service: UntypedServiceImplementation | undefined
  const refuse = refusing(
    new AppError('unavailable', 'The node daemon is starting. Try again.', { reason: 'STARTING' }),
  )
  const delegate =
    (method: string): handleUnaryCall<unknown, unknown> =>
    (call, callback) =>
      ((service?.[method] ?? refuse) as handleUnaryCall<unknown, unknown>)(call, callback)
  server.addService(methods, Object.fromEntries(Object.keys(methods).map((method) => [method, delegate(method)])))
  const listener = tls ? await secureListener(server, listen, tls) : await plainListener(server, listen)
  let isServing = false
  return {
    port: listener.port,
    setServing(serving) {
      isServing = serving
      const status = serving ? 'SERVING' : 'NOT_SERVING'
      for (const name of ['', serviceName]) health.setStatus(name, status)
    },
    get isServing() {
      return isServing
    },
    get certificateExpiresAt() {
      return tls?.certificates.current.notAfter ?? null
    },
    serve(implementation) {
      service = implementation
    },
    async close(timeoutMs) {
      listener.close()
      const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      // It never says so where a connection is breaking at that moment: grpc-js then waits for a close that was.
      await Promise.race([ended, delay(timeoutMs)])
      server.forceShutdown()
    },
  }
}

interface Listener {
  port: number
  close(): void
}

async function plainListener(server: Server, { host, port }: ListenAddress): Promise<Listener> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, taken) =>
      error ? reject(error) : resolve(taken),
    )
  })
  // Closed with the server.
  return { port: bound, close: () => {} }
}

/** TLS is ended here and not by grpc-js, which can neither say why it refuses a client nor let its connections go one by one. */
async function secureListener(
  server: Server,
  listen: ListenAddress,
  { certificates, log }: ServerTls,
): Promise<Listener> {
  let injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const listener = await listenWithTls({
    ...listen,
    certificates,
    log,
    onConnection: (socket) => injector.injectConnection(socket),
  })
  const stop = certificates.onChange(() => {
    const before = injector
    injector = server.createConnectionInjector(ServerCredentials.createInsecure())
    // Asks the clients to connect again; calls that go on come to their end.
    before.destroy()
  })
  return {
    port: listener.port,
    close() {
      stop()
      listener.close()
    },
  }
}
