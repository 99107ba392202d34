import { performServerHandshake } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { AppError } from '#db/errors.ts'
import { grpcError } from '#proto/grpc-error.ts'
import { handshakeProblem } from '#proto/tls/handshake-problems.ts'
import { describeIdentity, type Identity, readIdentity } from '#proto/tls/identity.ts'

/** Why a connection is not the control plane's; null where it is. `own` is the node's identity. */
export function clientRefusal(socket: TLSSocket, own: Identity): AppError | null {
  const peer = socket.getPeerX509Certificate()
  if (!peer) {
    return new AppError(
      'unauthenticated',
      'This node takes calls only with a client certificate, and none was shown. Use the one of npm run quantix -- certificates issue-control-plane',
      { reason: 'CLIENT_CERTIFICATE_MISSING' },
    )
  }
  if (!socket.authorized) {
    const { meaning, remedy } = handshakeProblem(String(socket.authorizationError))
    return new AppError('unauthenticated', `The client was refused: ${meaning}. ${remedy}`, {
      reason: 'CLIENT_CERTIFICATE_REFUSED',
    })
  }
  const identity = readIdentity(peer.subjectAltName)
  if (identity?.nodeId === null && identity.trustDomain === own.trustDomain) return null
  const who = identity ? `${describeIdentity(identity)} in ${identity.trustDomain}` : 'nobody that can be told'
  return new AppError(
    'permission_denied',
    `This node takes calls from the control plane in ${own.trustDomain} alone, and the client's certificate is that of ${who}`,
    { reason: 'NOT_THE_CONTROL_PLANE' },
  )
}

/** Long enough for a client's first call. */
const refusalMs = 5000

/** Answers every call of a connection with the error, whatever it asks for, and ends the connection. */
export function refuseClient(socket: TLSSocket, error: AppError): void {
  const { code, details, metadata } = grpcError(error)
  const session = performServerHandshake(socket)
  const timer = setTimeout(() => socket.destroy(), refusalMs)
  socket.once('close', () => clearTimeout(timer))
  session.on('error', () => socket.destroy())
  session.on('stream', (stream) => {
    stream.on('error', () => socket.destroy())
    const [details64] = metadata.get('grpc-status-details-bin')
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc+proto',
        'grpc-status': String(code),
        'grpc-message': encodeURI(details),
        ...(Buffer.isBuffer(details64) && { 'grpc-status-details-bin': details64.toString('base64') }),
      },
      { endStream: true },
    )
    session.close()
  })
}
