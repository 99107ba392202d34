import { AppError } from './errors.ts'

/** postgres.js and the operating system, when the server is not there or went away. */
const connectionErrors = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/**
 * SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions (08), too many
 * connections (53300), shutdown and start-up (57P01 to 57P03).
 */
const outageStates = /^(08...|53300|57P0[123])$/

/** The error to show when the database cannot be reached; null when `thrown` is about something else. */
export function databaseOutage(thrown: unknown): AppError | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const code = 'code' in error ? String(error.code) : ''
    if (connectionErrors.has(code) || outageStates.test(code)) {
      return new AppError('unavailable', 'The database cannot be reached; try again soon.', {
        reason: 'DATABASE_UNAVAILABLE',
        cause: thrown,
      })
    }
  }
  return null
}
