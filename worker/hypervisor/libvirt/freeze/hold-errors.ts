import { AppError } from '#db/errors.ts'

/** libvirt 9.0 speaks no more to an agent whose answer it could not take, until the guest opens the channel's port anew. */
const wakeAgent =
  'Restart qemu-guest-agent in the guest, or reset the VM: after an answer over 10 MiB, or one that is none, nothing else lets libvirt speak to it again.'

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
      `The guest was frozen before and has not been seen thawed since: its node goes on thawing it. ${wakeAgent}`,
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
      'The guest was not seen frozen with its token until its disks were taken: its time was up, or it thawed by itself. Thaw it with the token, then freeze it anew, for longer.',
      { reason: 'GUEST_THAWED_TOO_EARLY' },
    ),
  heldInPart: () =>
    new AppError(
      'failed_precondition',
      'Not all of the guest’s file systems were frozen with its token. Thaw it with the token, then freeze all.',
      { reason: 'GUEST_FROZEN_IN_PART' },
    ),
  noTimeLeft: (timeoutSeconds: number) =>
    new AppError(
      'deadline_exceeded',
      `The guest was not frozen: its ${timeoutSeconds} s were over when other work on its VM had ended and its agent had answered. Try again, or give it more time.`,
      { reason: 'GUEST_FREEZE_TIMED_OUT' },
    ),
  scriptsFailed: (why: string) =>
    new AppError(
      'failed_precondition',
      `The guest's pre-freeze scripts failed, so it was not frozen: ${why}. Correct them, or freeze without them.`,
      { reason: 'PRE_FREEZE_SCRIPTS_FAILED' },
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
      `The guest agent does not answer, so the guest may still be frozen: its node goes on thawing it. ${wakeAgent}`,
      { reason: 'GUEST_NOT_THAWED' },
    ),
}
