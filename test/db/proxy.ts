import { connect, createServer, type Socket } from 'node:net'
import { afterAll } from 'vitest'

/** Stands in front of a server, so that a test can take the server away and bring it back at the same address. */
export interface Proxy {
  /** The server's URL, by way of the proxy. */
  url: string
  /** How many clients are connected. */
  connections(): number
  /** How many clients have ever been. */
  accepted(): number
  /** Breaks every connection, and accepts new ones. */
  drop(): void
  /** Passes nothing on any more, of the connections there are and of new ones, and tells nobody. */
  swallow(): void
  /** Passes on what comes by new connections; the old ones stay dead. */
  endSwallowing(): void
  /** Breaks every connection, and refuses new ones. */
  cut(): Promise<void>
  /** Accepts again; to another server where one is named, as after a restart. */
  restore(server?: string): Promise<void>
}

export async function startProxy(server: string): Promise<Proxy> {
  let target = new URL(server)
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  const swallowed = new Set<Socket>()
  let swallows = false
  let accepted = 0
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    accepted++
    clients.add(client)
    client.once('close', () => clients.delete(client))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      if (swallows) swallowed.add(socket)
      socket.on('data', (bytes) => {
        if (swallowed.has(socket) || other.write(bytes)) return
        socket.pause()
        other.once('drain', () => socket.resume())
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        if (!swallowed.delete(socket)) other.destroy()
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
    connections: () => clients.size,
    accepted: () => accepted,
    drop() {
      for (const socket of sockets) socket.destroy()
    },
    swallow() {
      swallows = true
      for (const socket of sockets) swallowed.add(socket)
    },
    endSwallowing() {
      swallows = false
    },
    cut,
    async restore(other = server) {
      target = new URL(other)
      await listen(port)
    },
  }
}
