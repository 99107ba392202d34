import { AppError, type ErrorCode } from '#db/errors.ts'
import { type Remedy, remedies } from '#db/rules/remedies.ts'

const otherwise: readonly Remedy[] = [remedies.preferQuiesce, remedies.takeUnquiesced]
const withAgent: readonly Remedy[] = [remedies.startAgent, ...otherwise]

/** Why a guest cannot be quiesced, beyond what the rule of the API knows before (`snapshotRefusal`). */
export const quiesceErrors = {
  agentSilent: (cause: Error) =>
    refusal(
      'failed_precondition',
      'GUEST_AGENT_NOT_RESPONDING',
      `The guest agent does not answer (${cause.message}). Restart qemu-guest-agent in the guest, or take the snapshot without quiesce.`,
      withAgent,
      cause,
    ),
  alreadyFrozen: (cause?: Error) =>
    refusal(
      'failed_precondition',
      'GUEST_ALREADY_FROZEN',
      "The guest's file systems are frozen already, by somebody else. Thaw them first, or take the snapshot without quiesce.",
      otherwise,
      cause,
    ),
  freezeFailed: (why: string, cause?: Error) =>
    refusal(
      'failed_precondition',
      'GUEST_FREEZE_FAILED',
      `The guest could not freeze its file systems: ${why}. Look at qemu-guest-agent in the guest, or take the snapshot without quiesce.`,
      withAgent,
      cause,
    ),
  notThawed: () =>
    refusal(
      'failed_precondition',
      'GUEST_NOT_THAWED',
      'The guest was frozen for an earlier snapshot and has not been seen thawed since: its node goes on thawing it. Look at qemu-guest-agent in the guest, or take the snapshot without quiesce.',
      withAgent,
    ),
  freezeTooSlow: (timeoutSeconds: number) =>
    refusal(
      'deadline_exceeded',
      'GUEST_FREEZE_TIMED_OUT',
      `The guest took longer than ${timeoutSeconds} s to freeze its file systems. Give it more time (quiesceTimeoutSeconds), or take the snapshot without quiesce.`,
      otherwise,
    ),
  thawedTooEarly: () =>
    refusal(
      'deadline_exceeded',
      'GUEST_THAWED_TOO_EARLY',
      'The guest was not seen frozen until its disks were taken, so the snapshot is crash-consistent, as after a power cut. Give it more time (quiesceTimeoutSeconds), or take the snapshot without quiesce.',
      otherwise,
    ),
}

const refusal = (code: ErrorCode, reason: string, message: string, ways: readonly Remedy[], cause?: Error): AppError =>
  new AppError(code, message, { reason, details: { remedies: ways }, cause })
