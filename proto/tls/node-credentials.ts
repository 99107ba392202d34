import type { PeerCertificate } from 'node:tls'
import { ChannelCredentials, experimental } from '@grpc/grpc-js'
import { describeIdentity, isSameIdentity, readIdentity } from './identity.ts'
import type { WatchedCertificates } from './watched-certificates.ts'

/**
 * How the control plane secures a connection to a node: by mutual TLS where it has certificates, and else not at all, as
 * on one machine's loopback. A node is known by its id and not by its address: to whoever shows the certificate of another
 * one, nothing is said. New certificates are taken by the next connection.
 */
export function nodeCredentials(certificates: WatchedCertificates | undefined): (nodeId: string) => ChannelCredentials {
  if (!certificates) return () => ChannelCredentials.createInsecure()
  const provider = certificateProvider(certificates)
  return (nodeId) => {
    const checkServerIdentity = (_name: string, peer: PeerCertificate) => wrongNode(certificates, nodeId, peer)
    return new NamedServer(
      experimental.createCertificateProviderChannelCredentials(provider, provider, { checkServerIdentity }),
      nodeId,
    )
  }
}

function wrongNode({ current }: WatchedCertificates, nodeId: string, peer: PeerCertificate): Error | undefined {
  const wanted = { trustDomain: current.identity.trustDomain, nodeId }
  const found = readIdentity(peer.subjectaltname)
  if (found && isSameIdentity(found, wanted)) return undefined
  const who = found ? `${describeIdentity(found)} in ${found.trustDomain}` : 'nobody that can be told'
  return new Error(`who answers there is ${who}, and not ${describeIdentity(wanted)} in ${wanted.trustDomain}`)
}

/** The same credentials, asking for a server by a name of its own: gRPC's is the address, which TLS takes for no name where it is an IP address. */
class NamedServer extends ChannelCredentials {
  readonly #given: ChannelCredentials
  readonly #name: string

  constructor(given: ChannelCredentials, name: string) {
    super()
    this.#given = given
    this.#name = name
  }

  _isSecure(): boolean {
    return this.#given._isSecure()
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  _createSecureConnector(
    ...[target, options, ...rest]: Parameters<ChannelCredentials['_createSecureConnector']>
  ): ReturnType<ChannelCredentials['_createSecureConnector']> {
    return this.#given._createSecureConnector(
      target,
      { ...options, 'grpc.ssl_target_name_override': this.#name },
      ...rest,
    )
  }
}

type Listener<Update> = (update: Update) => void

/** Certificates as grpc-js takes them: each new connection has the last that was told. */
function certificateProvider(certificates: WatchedCertificates): experimental.CertificateProvider {
  const authority = listeners(certificates, ({ ca }) => ({ caCertificate: Buffer.from(ca) }))
  const own = listeners(certificates, ({ cert, key }) => ({
    certificate: Buffer.from(cert),
    privateKey: Buffer.from(key),
  }))
  return {
    addCaCertificateListener: authority.add,
    removeCaCertificateListener: authority.remove,
    addIdentityCertificateListener: own.add,
    removeIdentityCertificateListener: own.remove,
  }
}

function listeners<Update>(
  certificates: WatchedCertificates,
  updateOf: (current: WatchedCertificates['current']) => Update,
) {
  const stops = new Map<Listener<Update>, () => void>()
  return {
    add(listener: Listener<Update>) {
      stops.set(
        listener,
        certificates.onChange((changed) => listener(updateOf(changed))),
      )
      process.nextTick(listener, updateOf(certificates.current))
    },
    remove(listener: Listener<Update>) {
      stops.get(listener)?.()
      stops.delete(listener)
    },
  }
}
