import { ErrorCode } from './constants.gen.ts'
import type { ErrorBody } from './protocol.gen.ts'

/** libvirt refused or failed a call. `code`, `domain` and `level` are those of ErrorCode, ErrorDomain and ErrorLevel. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError'
  /** The call that failed, as `domainGetXmlDesc`. */
  readonly procedure: string
  readonly code: number
  readonly domain: number
  readonly level: number
  readonly str1: string | null
  readonly str2: string | null
  readonly str3: string | null
  readonly int1: number
  readonly int2: number

  constructor(procedure: string, body: ErrorBody) {
    super(body.message ?? `libvirt error ${body.code}`)
    this.procedure = procedure
    this.code = body.code
    this.domain = body.domain
    this.level = body.level
    this.str1 = body.str1
    this.str2 = body.str2
    this.str3 = body.str3
    this.int1 = body.int1
    this.int2 = body.int2
  }
}

/**
 * Why a call got no answer: `unreachable` no connection could be made, `disconnected` it broke, `closed` by our side,
 * `deadline` no answer in time, `protocol` the other side does not speak libvirt's protocol.
 */
export type ConnectionErrorReason = 'unreachable' | 'disconnected' | 'closed' | 'deadline' | 'protocol'

/** A call got no answer. libvirt may have done, or may still be doing, what a call with `maybeExecuted` asked for. */
export class LibvirtConnectionError extends Error {
  override readonly name = 'LibvirtConnectionError'
  readonly reason: ConnectionErrorReason
  /** False only when the call certainly never reached libvirt. */
  readonly maybeExecuted: boolean

  constructor(reason: ConnectionErrorReason, message: string, options: { maybeExecuted: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.reason = reason
    this.maybeExecuted = options.maybeExecuted
  }
}

/** Whether libvirt answered with one of these codes, as `isLibvirtError(error, ErrorCode.NO_DOMAIN)`. */
export function isLibvirtError(error: unknown, ...codes: number[]): error is LibvirtError {
  return error instanceof LibvirtError && (codes.length === 0 || codes.includes(error.code))
}

/** Whether a lookup found nothing: domain, snapshot, pool, volume, network or secret. */
export function isNotFound(error: unknown): error is LibvirtError {
  return isLibvirtError(
    error,
    ErrorCode.NO_DOMAIN,
    ErrorCode.NO_DOMAIN_SNAPSHOT,
    ErrorCode.NO_STORAGE_POOL,
    ErrorCode.NO_STORAGE_VOL,
    ErrorCode.NO_NETWORK,
    ErrorCode.NO_SECRET,
  )
}

/** What a call gives; null where what it is about does not exist, or no longer. */
export async function unlessNotFound<Found>(call: Promise<Found>): Promise<Found | null> {
  try {
    return await call
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}
