import { connectLibvirt, type LibvirtConnection } from './rpc/connection.ts'

/** What a worker asks libvirt by. libvirtd takes five calls of a connection at a time: what may hang has its own. */
export interface Connections {
  connection: LibvirtConnection
  /** For calls that last as long as a guest or a disk likes: on the other one, an observation never waits behind them. */
  slowConnection: LibvirtConnection
  /** For asking QEMUs and guests how they are: nothing waits for one that does not answer. */
  guestConnection: LibvirtConnection
  /** For guest agents that answer. */
  agentConnections: readonly LibvirtConnection[]
  /** For storage pools alone: their servers may not answer. */
  poolConnection: LibvirtConnection
  close(): void
}

/** Rejects with LibvirtConnectionError where no daemon is there, and leaves none open then. */
export async function openConnections(uri: string): Promise<Connections> {
  const opened: LibvirtConnection[] = []
  const close = () => {
    for (const connection of opened) connection.close()
  }
  const connect = async () => {
    const connection = await connectLibvirt(uri)
    opened.push(connection)
    return connection
  }
  try {
    return {
      connection: await connect(),
      slowConnection: await connect(),
      guestConnection: await connect(),
      agentConnections: [await connect(), await connect()],
      poolConnection: await connect(),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}
