import type { Socket } from 'node:net'
import { ChannelCredentials } from '@grpc/grpc-js'

type CreateConnector = ChannelCredentials['_createSecureConnector']

/**
 * The same credentials, but a server that accepts and then says nothing is given up. grpc-js waits for its first word
 * without end, and neither a deadline of a call nor keepalive ends that
 * (https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md has a time for it, MIN_CONNECT_TIMEOUT).
 */
export class HandshakeTimeout extends ChannelCredentials {
  readonly #given: ChannelCredentials
  readonly #timeoutMs: number

  constructor(given: ChannelCredentials, timeoutMs: number) {
    super()
    this.#given = given
    this.#timeoutMs = timeoutMs
  }

  _isSecure(): boolean {
    return this.#given._isSecure()
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  _createSecureConnector(...given: Parameters<CreateConnector>): ReturnType<CreateConnector> {
    const connector = this.#given._createSecureConnector(...given)
    let dialled: Socket | undefined
    return {
      connect: async (socket) => {
        dialled = socket
        // What comes before the connection is secured is not yet the word that is waited for.
        let secured = Number.POSITIVE_INFINITY
        const giveUp = () => socket.bytesRead > secured || socket.destroy()
        const timer = setTimeout(giveUp, this.#timeoutMs).unref()
        socket.once('close', () => clearTimeout(timer))
        const connection = await connector.connect(socket)
        secured = socket.bytesRead
        return connection
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy() {
        connector.destroy()
        if (dialled?.bytesRead === 0) dialled.destroy()
      },
    }
  }
}
