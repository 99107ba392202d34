// @peculiar/x509 needs it before it is loaded itself.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { type Identity, identityUri } from '#proto/tls/identity.ts'

/** A certificate with the key that belongs to it, both as PEM. */
export interface Issued {
  cert: string
  key: string
}

export interface Validity {
  notBefore: Date
  notAfter: Date
}

/** Every TLS library has it; BoringSSL, which Python's and C++'s gRPC use, takes no Ed25519 by default. */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
/** A signing CA stands above a leaf, and for the time of a rotation above its successor. */
const rootPathLength = 1

/** Clocks of two machines may differ by so much. */
const clockSkewMs = 5 * 60_000
const dayMs = 86_400_000

/** From now on, for so many days. */
export const validFor = (days: number): Validity => ({
  notBefore: new Date(Date.now() - clockSkewMs),
  notAfter: new Date(Date.now() + days * dayMs),
})

/** A new CA, signed by itself. */
export async function issueAuthority(trustDomain: string, validity: Validity): Promise<Issued> {
  const keys = await newKeys()
  const serialNumber = newSerial()
  // A name of its own tells it from the CA before it.
  const name = `CN=Quantix CA ${serialNumber.slice(0, 8)},O=${trustDomain}`
  const cert = await X509CertificateGenerator.create({
    ...validity,
    serialNumber,
    subject: name,
    issuer: name,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [...authorityExtensions(rootPathLength), await SubjectKeyIdentifierExtension.create(keys.publicKey)],
  })
  return { cert: pem(cert), key: await keyPem(keys.privateKey) }
}

/** The new CA's certificate once more, signed by the old one: who trusts only the old one comes to trust what the new one signs. */
export async function crossSign(newCert: string, old: Issued): Promise<string> {
  const subject = new X509Certificate(newCert)
  const issuer = new X509Certificate(old.cert)
  const cert = await X509CertificateGenerator.create({
    notBefore: subject.notBefore,
    // It is of use no longer than the old CA.
    notAfter: earlier(issuer.notAfter, subject.notAfter),
    serialNumber: newSerial(),
    subject: subject.subject,
    issuer: issuer.subject,
    publicKey: subject.publicKey,
    signingKey: await readKey(old.key),
    signingAlgorithm: algorithm,
    extensions: [
      ...authorityExtensions(rootPathLength - 1),
      await SubjectKeyIdentifierExtension.create(subject.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return pem(cert)
}

export interface Leaf extends Validity {
  identity: Identity
  /** DNS names and IP addresses, for clients that know of no identities. */
  addresses: readonly string[]
}

/**
 * A certificate for a node, which serves, or for the control plane, which calls: neither can be used for the other, by
 * its extended key usage and by its identity.
 */
export async function issueLeaf(
  authority: Issued,
  { identity, addresses, notBefore, notAfter }: Leaf,
): Promise<Issued> {
  const keys = await newKeys()
  const issuer = new X509Certificate(authority.cert)
  const names: JsonGeneralName[] = [
    { type: 'url', value: identityUri(identity) },
    ...addresses.map((value): JsonGeneralName => ({ type: isIP(value) ? 'ip' : 'dns', value })),
  ]
  const usage = identity.nodeId === null ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth
  const cert = await X509CertificateGenerator.create({
    notBefore,
    notAfter: earlier(issuer.notAfter, notAfter),
    serialNumber: newSerial(),
    subject: `CN=${identity.nodeId ?? 'control-plane'},O=${identity.trustDomain}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await readKey(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { cert: pem(cert), key: await keyPem(keys.privateKey) }
}

const authorityExtensions = (pathLength: number): Extension[] => [
  new BasicConstraintsExtension(true, pathLength, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
]

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const earlier = (one: Date, other: Date) => new Date(Math.min(one.getTime(), other.getTime()))

/** 16 random bytes of a positive number; RFC 5280 (4.1.2.2) takes 20. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

const pem = (cert: X509Certificate) => `${cert.toString('pem')}\n`

const keyPem = async (key: webcrypto.CryptoKey) =>
  `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`

const readKey = (key: string) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(key), algorithm, false, ['sign'])
