import { connect, createServer, type Socket } from 'node:net'
import { afterAll } from 'vitest'

/** Stands in front of a server, so that a test can take the server away and bring it back at the same address. */
export interface Proxy {
  /** The server's URL, by way of the proxy. */
  url: string
  /** Breaks every connection, and refuses new ones. */
  cut(): Promise<void>
  /** Accepts again; to another server where one is named, as after a restart. */
  restore(server?: string): Promise<void>
}

export async function startProxy(server: string): Promise<Proxy> {
  let target = new URL(server)
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  const listen = (port: number) => new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const address = proxy.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  const { port } = address

  async function cut(): Promise<void> {
    const closed = new Promise<void>((resolve) => proxy.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  afterAll(async () => {
    if (proxy.listening) await cut()
  })
  return {
    url: Object.assign(new URL(server), { hostname: '127.0.0.1', port: String(port) }).href,
    cut,
    async restore(other = server) {
      target = new URL(other)
      await listen(port)
    },
  }
}
