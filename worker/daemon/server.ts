import { type handleUnaryCall, Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import { HealthImplementation } from 'grpc-health-check'
import { AppError } from '#db/errors.ts'
import { loadNodeDaemon, loadPublished, serviceName } from '#proto/node-daemon.ts'
import { refusing } from './refusing.ts'

/** The node's gRPC server: https://github.com/grpc/grpc/blob/master/doc/health-checking.md, reflection, and the node daemon. */
export interface DaemonServer {
  readonly port: number
  /** Of the whole daemon (the empty name) and of the node daemon's service. */
  setServing(serving: boolean): void
  readonly isServing: boolean
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

/** Listens at once, and tells everybody that it does not serve yet. */
export async function openServer({ host, port }: ListenAddress): Promise<DaemonServer> {
  const { service: methods } = loadNodeDaemon()
  const health = new HealthImplementation({ '': 'NOT_SERVING', [serviceName]: 'NOT_SERVING' })
  const server = new Server()
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
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, taken) =>
      error ? reject(error) : resolve(taken),
    )
  })
  let isServing = false
  return {
    port: bound,
    setServing(serving) {
      isServing = serving
      const status = serving ? 'SERVING' : 'NOT_SERVING'
      for (const name of ['', serviceName]) health.setStatus(name, status)
    },
    get isServing() {
      return isServing
    },
    serve(implementation) {
      service = implementation
    },
    async close(timeoutMs) {
      const forced = setTimeout(() => server.forceShutdown(), timeoutMs)
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      clearTimeout(forced)
    },
  }
}
