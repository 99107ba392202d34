import type { PeerCertificate } from 'node:tls'
import { ChannelCredentials, type ChannelOptions, experimental } from '@grpc/grpc-js'
import { describeIdentity, isSameIdentity, readIdentity } from './identity.ts'
import type { WatchedCertificates } from './watched-certificates.ts'

/** How a channel to a node is secured: both go to the client's constructor. */
export interface ChannelSecurity {
  credentials: ChannelCredentials
  options: ChannelOptions
}

/** For nodes on this machine's loopback. */
export const plaintext = (): ChannelSecurity => ({ credentials: ChannelCredentials.createInsecure(), options: {} })

/**
 * Mutual TLS to nodes, each known by its id and not by its address: whoever shows another node's certificate is not
 * spoken to. New certificates are taken by the next connection of each channel.
 */
export function mutualTls(certificates: WatchedCertificates): (nodeId: string) => ChannelSecurity {
  const { ca, identity } = certificateProviders(certificates)
  return (nodeId) => ({
    credentials: experimental.createCertificateProviderChannelCredentials(ca, identity, {
      checkServerIdentity: (_name, peer) => wrongNode(certificates, nodeId, peer),
    }),
    // TLS wants a name of the server, and an address may be an IP address, which is none.
    options: { 'grpc.ssl_target_name_override': nodeId },
  })
}

function wrongNode({ current }: WatchedCertificates, nodeId: string, peer: PeerCertificate): Error | undefined {
  const wanted = { trustDomain: current.identity.trustDomain, nodeId }
  const found = readIdentity(peer.subjectaltname)
  if (found && isSameIdentity(found, wanted)) return undefined
  const who = found ? `${describeIdentity(found)} in ${found.trustDomain}` : 'nobody that can be told'
  return new Error(
    `Who answers is ${who}, and not ${describeIdentity(wanted)} in ${wanted.trustDomain}. Nothing was asked of it; look at the node's address`,
  )
}

/** Certificates as grpc-js takes them: each new connection asks for the last that was told. */
function certificateProviders(certificates: WatchedCertificates) {
  type Listener<Update> = (update: Update) => void
  const provide = <Update>(update: () => Update) => {
    const stops = new Map<Listener<Update>, () => void>()
    return {
      add(listener: Listener<Update>) {
        stops.set(
          listener,
          certificates.onChange(() => listener(update())),
        )
        process.nextTick(listener, update())
      },
      remove(listener: Listener<Update>) {
        stops.get(listener)?.()
        stops.delete(listener)
      },
    }
  }
  const authority = provide(() => ({ caCertificate: Buffer.from(certificates.current.ca) }))
  const own = provide(() => ({
    certificate: Buffer.from(certificates.current.cert),
    privateKey: Buffer.from(certificates.current.key),
  }))
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: authority.add,
    removeCaCertificateListener: authority.remove,
    addIdentityCertificateListener: own.add,
    removeIdentityCertificateListener: own.remove,
  }
  return { ca: provider, identity: provider }
}
