import { afterEach, beforeEach, expect } from 'vitest'
import {
  type ConnectionState,
  type ConnectOptions,
  connectLibvirt,
  type LibvirtConnection,
} from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.ts'

/** A fake daemon and connections to it, new for each test. */
export function useFakeDaemon() {
  const connections: LibvirtConnection[] = []
  // Filled in before each test; no test sees it empty.
  const fake = { daemon: undefined as unknown as FakeDaemon, connect }

  async function connect(options?: ConnectOptions): Promise<LibvirtConnection> {
    const connection = await connectLibvirt(fake.daemon.uri, options)
    connections.push(connection)
    return connection
  }
  beforeEach(async () => {
    fake.daemon = await startFakeDaemon()
  })
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close()
    await fake.daemon.stop()
  })
  return fake
}

/** Any call would do: this one has no arguments and one string in its reply. */
export function hostname(connection: LibvirtConnection, timeoutMs = 5_000): Promise<{ hostname: string }> {
  return connection.call(remote.connectGetHostname, {}, { timeoutMs })
}

/** Resolves with the next change to this state. */
export function change(connection: LibvirtConnection, wanted: ConnectionState): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.onStateChange((state) => {
      if (state !== wanted) return
      stop()
      resolve()
    })
  })
}

/** How a call fails; fails the test when it does not. */
export async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.fail(`the call succeeded with ${JSON.stringify(value)}`),
    (error) => error,
  )
}

export function connectionError(reason: string, maybeExecuted: boolean): unknown {
  return expect.objectContaining({ name: 'LibvirtConnectionError', reason, maybeExecuted })
}
