import { AppError, type ErrorCode } from '#db/errors.ts'
import { guestText } from './guest-text.ts'

/** What a guest's words for what went wrong with a file mean; the first row that fits counts. */
const meanings: readonly { text: RegExp; code: ErrorCode; reason: string }[] = [
  { text: /No such file or directory|cannot find the (file|path)/i, code: 'not_found', reason: 'GUEST_FILE_NOT_FOUND' },
  {
    text: /Permission denied|Operation not permitted|Read-only file system|Access is denied/i,
    code: 'permission_denied',
    reason: 'GUEST_FILE_DENIED',
  },
  { text: /No space left on device|quota exceeded/i, code: 'resource_exhausted', reason: 'GUEST_DISK_FULL' },
]

/** Why a file of a guest could be neither read nor written, in its words. */
export function fileError(says: string, cause?: unknown): AppError {
  const { code, reason } = meanings.find(({ text }) => text.test(says)) ?? {
    code: 'failed_precondition' as const,
    reason: 'GUEST_FILE_FAILED',
  }
  return new AppError(code, `The guest says of the file: ${guestText(says)}`, { reason, cause })
}
