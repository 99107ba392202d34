import { Server, ServerCredentials } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md; the service's name is empty: the whole daemon. */
export interface HealthServer {
  readonly port: number
  setServing(serving: boolean): void
  close(): void
}

/** Serves gRPC's health service on 127.0.0.1. Port 0 takes a free one. */
export async function serveHealth(port: number): Promise<HealthServer> {
  const health = new HealthImplementation({ '': 'NOT_SERVING' })
  const server = new Server()
  health.addToServer(server)
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
      error ? reject(error) : resolve(taken),
    )
  })
  return {
    port: bound,
    setServing: (serving) => health.setStatus('', serving ? 'SERVING' : 'NOT_SERVING'),
    close: () => server.forceShutdown(),
  }
}
