/** What is wrong with a certificate that a peer showed. */
export interface HandshakeProblem {
  /** Follows on "it was refused: ". */
  meaning: string
  remedy: string
}

interface KnownProblem extends HandshakeProblem {
  /** OpenSSL's names, which a server sees. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
  codes: readonly string[]
  /** OpenSSL's texts, which are all that gRPC shows a client. */
  text: RegExp
}

const problems: readonly KnownProblem[] = [
  {
    codes: ['CERT_HAS_EXPIRED'],
    text: /certificate has expired/,
    meaning: 'its certificate has expired',
    remedy: 'Renew it (npm run quantix -- certificates renew) and carry it there; no restart is needed',
  },
  {
    codes: ['CERT_NOT_YET_VALID'],
    text: /certificate is not yet valid/,
    meaning: 'its certificate is not valid yet',
    remedy: 'Compare the clocks of the two machines',
  },
  {
    codes: ['INVALID_PURPOSE'],
    text: /unsuitable certificate purpose/,
    meaning: 'its certificate is for the other end of a connection: nodes serve, the control plane calls',
    remedy: 'Give each the directory that was issued for it',
  },
  {
    codes: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
    ],
    text: /self-signed certificate|unable to verify the first certificate|unable to get (local )?issuer certificate|certificate signature failure/,
    meaning: 'its certificate is of a CA that is not trusted here',
    remedy: 'Issue the certificates of both ends by one CA; after a change of the CA, carry the new directories to all',
  },
  {
    codes: ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'],
    text: /wrong version number|packet length too long/,
    meaning: 'it speaks without TLS',
    remedy:
      'Give both ends certificates, or neither: QUANTIX_NODE_TLS_DIR of the worker, QUANTIX_CONTROL_PLANE_TLS_DIR of the api',
  },
]

/** By OpenSSL's name of it. */
export const handshakeProblem = (code: string): HandshakeProblem =>
  problems.find(({ codes }) => codes.includes(code)) ?? {
    meaning: `the TLS handshake failed with ${code}`,
    remedy: 'Look at both certificates with npm run quantix -- certificates show',
  }

/** What kept a channel from a node, where gRPC's message says that it was TLS; null where it was not. */
export function explainConnection(details: string): HandshakeProblem | null {
  const [wrongNode] = /who answers there is .+, and not .+?(?=\. Resolution note|$)/.exec(details) ?? []
  if (wrongNode) return { meaning: wrongNode, remedy: "Nothing was asked of it; look at the node's address" }
  return problems.find(({ text }) => text.test(details)) ?? null
}
