import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { type Identity, readIdentity } from './identity.ts'

/** What one end of a TLS connection shows and trusts, as PEM. */
export interface CertificateFiles {
  /** Every CA that is trusted: two while one takes the other's place. */
  ca: string
  /** The certificate, and what stands between it and the CA. */
  cert: string
  key: string
}

/** A set that fits together. */
export interface Certificates extends CertificateFiles {
  identity: Identity
  notBefore: Date
  notAfter: Date
}

/** The files of a directory of certificates. */
export const certificateFiles = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' } as const

/** The files' content, to be compared with what they held before. Throws `failed_precondition`. */
export async function readCertificateFiles(directory: string): Promise<CertificateFiles> {
  const read = async (name: string) => {
    const file = path.join(directory, name)
    try {
      return await readFile(file, 'utf8')
    } catch (cause) {
      throw unusable(directory, `${name} cannot be read (${cause instanceof Error ? cause.message : cause})`, { cause })
    }
  }
  const { ca, cert, key } = certificateFiles
  const files = { ca: await read(ca), cert: await read(cert), key: await read(key) }
  const { mode } = await stat(path.join(directory, key))
  if (mode & 0o007) throw unusable(directory, `${key} is open to every user of this machine; chmod 0600 it`)
  return files
}

/**
 * Holds the three against each other, as a peer would: better said here than found out by a handshake.
 * Throws `failed_precondition`. `directory` is for the message.
 */
export function checkCertificates(directory: string, files: CertificateFiles): Certificates {
  const authorities = parseCertificates(directory, certificateFiles.ca, files.ca)
  const [leaf, ...between] = parseCertificates(directory, certificateFiles.cert, files.cert)
  if (!leaf || authorities.length === 0) {
    throw unusable(directory, `${leaf ? certificateFiles.ca : certificateFiles.cert} holds no certificate`)
  }
  if (!leaf.checkPrivateKey(parseKey(directory, files.key))) {
    throw unusable(
      directory,
      `${certificateFiles.key} does not belong to ${certificateFiles.cert}; carry both from the same place`,
    )
  }
  const identity = readIdentity(leaf.subjectAltName)
  if (!identity)
    throw unusable(
      directory,
      `${certificateFiles.cert} says of no node, and not of the control plane, that it is theirs`,
    )
  if (!isSignedBy(leaf, [...authorities, ...between])) {
    throw unusable(directory, `${certificateFiles.cert} is signed by none of the CAs in ${certificateFiles.ca}`)
  }
  return { ...files, identity, notBefore: leaf.validFromDate, notAfter: leaf.validToDate }
}

/** Throws `failed_precondition` before and after the certificate's time. */
export function requireValidNow(directory: string, { notBefore, notAfter }: Certificates): void {
  if (notAfter.getTime() < Date.now()) {
    throw unusable(directory, `${certificateFiles.cert} expired at ${notAfter.toISOString()}`)
  }
  if (notBefore.getTime() > Date.now()) {
    throw unusable(
      directory,
      `${certificateFiles.cert} is valid only from ${notBefore.toISOString()}: look at this machine's clock`,
    )
  }
}

/** Every certificate of a PEM file. */
function parseCertificates(directory: string, name: string, pem: string): X509Certificate[] {
  try {
    return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
      (text) => new X509Certificate(text),
    )
  } catch (cause) {
    throw unusable(directory, `${name} cannot be understood`, { cause })
  }
}

function parseKey(directory: string, pem: string) {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw unusable(directory, `${certificateFiles.key} holds no private key that can be understood`, { cause })
  }
}

/** Whether one of the CAs signed it. */
export const trusts = ({ ca }: CertificateFiles, cert: X509Certificate): boolean =>
  isSignedBy(cert, parseCertificates('', certificateFiles.ca, ca))

const isSignedBy = (cert: X509Certificate, issuers: readonly X509Certificate[]): boolean =>
  issuers.some((issuer) => cert.checkIssued(issuer) && cert.verify(issuer.publicKey))

const unusable = (directory: string, why: string, { cause }: { cause?: unknown } = {}) =>
  new AppError(
    'failed_precondition',
    `The certificates in ${directory} cannot be used: ${why}. npm run quantix -- certificates --help says how to make them`,
    { reason: 'CERTIFICATES_UNUSABLE', cause },
  )
