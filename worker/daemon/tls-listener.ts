import { constants, type X509Certificate } from 'node:crypto'
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import { type Certificates, trusts } from '#proto/tls/certificates.ts'
import { handshakeProblem } from '#proto/tls/handshake-problems.ts'
import type { WatchedCertificates } from '#proto/tls/watched-certificates.ts'
import { clientRefusal, refuseClient } from './client-refusal.ts'
import type { ListenAddress } from './server.ts'

export interface TlsListenerOptions extends ListenAddress {
  certificates: WatchedCertificates
  /** Called with each connection of the control plane. */
  onConnection(socket: TLSSocket): void
  log: Logger
}

export interface TlsListener {
  readonly port: number
  /** Takes no more connections, and leaves those there are. */
  close(): void
}

/** More than a control plane and its tools make. Each takes a file descriptor before its client is known. */
export const connectionsMax = 256
const handshakeMs = 10_000
const untrustedMs = 2000
/** Of Node's timers, in milliseconds. */
const longestTimerMs = 2 ** 31 - 1

/** Takes connections of the control plane, and of nobody else: the others learn why, and the log says who they were. */
export function listenWithTls({
  host,
  port,
  certificates,
  onConnection,
  log,
}: TlsListenerOptions): Promise<TlsListener> {
  const open = new Map<TLSSocket, X509Certificate>()
  const server = createServer(
    {
      ...contextOptions(certificates.current),
      requestCert: true,
      // Refused below, with a reason: Node would only hang up.
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      handshakeTimeout: handshakeMs,
    },
    (socket) => {
      const client = `${socket.remoteAddress}:${socket.remotePort}`
      socket.on('error', (err) => log.debug({ err, client }, 'a TLS connection ended with an error'))
      const refusal = clientRefusal(socket, certificates.current.identity)
      if (refusal) {
        log.warn({ client, reason: refusal.reason }, refusal.message)
        refuseClient(socket, refusal)
        return
      }
      const peer = socket.getPeerX509Certificate() as X509Certificate
      open.set(socket, peer)
      socket.once('close', () => open.delete(socket))
      endAt(socket, peer.validToDate)
      onConnection(socket)
    },
  )
  server.maxConnections = connectionsMax
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    // A client that leaves within the handshake, as one does that refuses us, or a probe of the port.
    if (error.code === 'ECONNRESET') return log.debug({ err: error }, 'a client left within the TLS handshake')
    const { meaning, remedy } = handshakeProblem(error.code ?? error.message)
    log.warn({ client: `${socket.remoteAddress}:${socket.remotePort}` }, `A client was refused: ${meaning}. ${remedy}`)
  })
  const stop = certificates.onChange((changed) => {
    server.setSecureContext(contextOptions(changed))
    // A CA that is trusted no longer takes its connections along; calls that go on have a moment to end.
    const untrusted = [...open].filter(([, peer]) => !trusts(changed, peer)).map(([socket]) => socket)
    setTimeout(() => untrusted.forEach((socket) => void socket.destroy()), untrustedMs).unref()
  })
  return new Promise((resolve, reject) => {
    // Of later ones, as where the system has no file descriptor left, the promise is settled: the log has them.
    server.on('error', (err) => {
      reject(err)
      if (server.listening) log.error({ err }, 'a connection could not be taken')
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address ? address.port : port,
        close() {
          stop()
          server.close()
        },
      })
    })
  })
}

const contextOptions = ({ ca, cert, key }: Certificates): SecureContextOptions => ({
  ca,
  cert,
  key,
  minVersion: 'TLSv1.3',
  // Each connection is verified in full: one that is resumed would not be.
  secureOptions: constants.SSL_OP_NO_TICKET,
})

/** A connection lives no longer than the certificate that it was let in with. */
function endAt(socket: TLSSocket, time: Date): void {
  const leftMs = time.getTime() - Date.now()
  const timer = setTimeout(
    () => (leftMs > longestTimerMs ? endAt(socket, time) : socket.destroy()),
    Math.min(leftMs, longestTimerMs),
  )
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
