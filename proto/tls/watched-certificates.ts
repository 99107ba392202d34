import type { Logger } from 'pino'
import { AppError } from '#db/errors.ts'
import {
  type CertificateFiles,
  type Certificates,
  checkCertificates,
  readCertificateFiles,
  requireValidNow,
} from './certificates.ts'
import { describeIdentity, type Identity, isSameIdentity } from './identity.ts'
import { renewalDue } from './renewal.ts'

/** The certificates of a directory, as they are now: renewed ones take the place of the old ones in a running program. */
export interface WatchedCertificates {
  readonly current: Certificates
  /** Called with each new set. Returns how to be called no more. */
  onChange(listener: (certificates: Certificates) => void): () => void
  close(): void
}

export interface WatchOptions {
  directory: string
  /** Who the certificates are to be of: a node's id, or null for the control plane. */
  nodeId: string | null
  log: Logger
  /** How often the files are looked at: they may lie on a file system that tells of no changes. */
  intervalMs?: number
}

const lookMs = 5000
const warnMs = 86_400_000

/**
 * Reads a directory of certificates, and again whenever it changes. Throws `failed_precondition` where there is nothing
 * usable to begin with; one that has expired is usable so far, as its program has other work, and a renewed one may come.
 * What cannot be used later is logged, and the set before it kept.
 */
export async function watchCertificates(options: WatchOptions): Promise<WatchedCertificates> {
  const { directory, nodeId, log, intervalMs = lookMs } = options
  let seen = await readCertificateFiles(directory)
  let current = checkCertificates(directory, seen)
  requireIdentity(directory, current.identity, { ...current.identity, nodeId })

  const listeners = new Set<(certificates: Certificates) => void>()
  let warnedAt = 0
  let problem = { message: '', times: 0 }

  const warn = () => {
    if (Date.now() < renewalDue(current).getTime() || Date.now() - warnedAt < warnMs) return
    warnedAt = Date.now()
    const tls = { directory, notAfter: current.notAfter }
    if (current.notAfter.getTime() > Date.now()) log.warn({ tls }, 'the TLS certificate expires soon: renew it')
    else log.error({ tls }, 'the TLS certificate has expired, and no peer accepts it: renew it')
  }
  const look = async () => {
    const files = await readCertificateFiles(directory)
    // Files that still change are on their way here: one of a set may have come, and fit what was there by chance.
    const isSettled = isSame(files, seen)
    seen = files
    if (!isSettled || isSame(files, current)) return
    const found = checkCertificates(directory, files)
    requireIdentity(directory, found.identity, current.identity)
    requireValidNow(directory, found)
    current = found
    warnedAt = 0
    log.info({ tls: { directory, notAfter: current.notAfter } }, 'new TLS certificates are in use')
    for (const listener of listeners) listener(current)
  }
  const onProblem = (err: unknown) => {
    const message = err instanceof Error ? err.message : String(err)
    problem = { message, times: message === problem.message ? problem.times + 1 : 1 }
    // Once it may be a file that is just being replaced.
    if (problem.times === 2) log.error({ err }, 'new TLS certificates cannot be used; those before stay in use')
  }

  warn()
  let looking = false
  const timer = setInterval(async () => {
    if (looking) return
    looking = true
    await look().then(() => {
      problem = { message: '', times: 0 }
    }, onProblem)
    looking = false
    warn()
  }, intervalMs)
  timer.unref()
  return {
    get current() {
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => clearInterval(timer),
  }
}

const isSame = (one: CertificateFiles, other: CertificateFiles) =>
  one.ca === other.ca && one.cert === other.cert && one.key === other.key

function requireIdentity(directory: string, found: Identity, wanted: Identity): void {
  if (isSameIdentity(found, wanted)) return
  throw new AppError(
    'failed_precondition',
    `The certificate in ${directory} is that of ${describeIdentity(found)} in ${found.trustDomain}, and this is ${describeIdentity(wanted)} in ${wanted.trustDomain}. Take the directory that was issued for it`,
    { reason: 'CERTIFICATES_OF_ANOTHER' },
  )
}
