import { AppError } from '#db/errors.ts'

/** Why a guest cannot be held frozen, or not be thawed, beyond what its agent says. */
export const holdErrors = {
  alreadyHeld: (deadlineAt: string) =>
    new AppError(
      'failed_precondition',
      `The guest's file systems are frozen already. Thaw them with their token first; at ${deadlineAt} they are thawed in any case.`,
      { reason: 'GUEST_ALREADY_FROZEN', details: { deadlineAt } },
    ),
  stillThawing: () =>
    new AppError(
      'failed_precondition',
      'The guest was frozen before and has not been seen thawed since: its node goes on thawing it. Look at qemu-guest-agent in the guest.',
      { reason: 'GUEST_NOT_THAWED' },
    ),
  /** What `isHeld` forbids; `what` begins the sentence. */
  isFrozen: (what: string) =>
    new AppError(
      'failed_precondition',
      `${what} while its file systems are frozen. Thaw them with their token first, or wait for their deadline.`,
      { reason: 'GUEST_IS_FROZEN' },
    ),
  notHeld: () =>
    new AppError(
      'failed_precondition',
      'Somebody has a token for the frozen guest, and the guest is not frozen any more, or not yet. Thaw it with the token, then freeze it anew.',
      { reason: 'GUEST_THAWED_TOO_EARLY' },
    ),
  heldInPart: () =>
    new AppError(
      'failed_precondition',
      'The guest was frozen with a token, and not all of its file systems were. Thaw it, then freeze all.',
      { reason: 'GUEST_FROZEN_IN_PART' },
    ),
  tokenUnknown: () =>
    new AppError(
      'failed_precondition',
      'The guest is not frozen with this token, so nothing was thawed: it is another one, or its time has ended: it was thawed with it before, at its deadline, or because its VM or its node’s worker was stopped.',
      { reason: 'QUIESCE_TOKEN_UNKNOWN' },
    ),
  thawedEarlier: () =>
    new AppError(
      'failed_precondition',
      'The guest is thawed, and was so before it was to be: what was copied meanwhile may be no more than crash-consistent.',
      { reason: 'GUEST_THAWED_TOO_EARLY' },
    ),
  notSeenThawed: () =>
    new AppError(
      'deadline_exceeded',
      'The guest agent does not answer, so the guest may still be frozen: its node goes on thawing it. Look at qemu-guest-agent in the guest.',
      { reason: 'GUEST_NOT_THAWED' },
    ),
}
