import { AppError, type ErrorCode } from '#db/errors.ts'
import { remedies } from '#db/rules/remedies.ts'
import { ErrorCode as Libvirt } from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { guestText } from './guest-text.ts'

interface Meaning {
  codes?: readonly number[]
  /** libvirt 9.0 has one code for what newer ones tell apart: then its text decides. */
  text?: RegExp
  code: ErrorCode
  reason: string
  sentence: string
  details?: Record<string, unknown>
}

const startAgent = { remedies: [remedies.startAgent] }

/** What libvirt's errors of an agent's call mean; the first row that fits counts. Seen on 9.0.0. */
const meanings: readonly Meaning[] = [
  {
    text: /agent is not (connected|configured|available due to an error)|agent disappeared/i,
    code: 'failed_precondition',
    reason: 'GUEST_AGENT_NOT_CONNECTED',
    sentence: 'No guest agent is connected. Install and start qemu-guest-agent in the guest.',
    details: startAgent,
  },
  {
    text: /frozen/i,
    code: 'failed_precondition',
    reason: 'GUEST_IS_FROZEN',
    sentence:
      "The guest's file systems are frozen, and its agent does nothing else meanwhile. Thaw them, then try again.",
  },
  {
    text: /command \S+ has (not been found|been disabled)/i,
    code: 'failed_precondition',
    reason: 'GUEST_AGENT_CANNOT',
    sentence: "The guest's agent does not know this, or is configured not to do it.",
  },
  {
    codes: [
      Libvirt.AGENT_UNRESPONSIVE,
      Libvirt.AGENT_UNSYNCED,
      Libvirt.AGENT_COMMAND_TIMEOUT,
      Libvirt.OPERATION_TIMEOUT,
    ],
    code: 'deadline_exceeded',
    reason: 'GUEST_AGENT_NOT_RESPONDING',
    sentence:
      'The guest agent did not answer in time. Look at qemu-guest-agent in the guest; what was asked of it may have happened.',
    details: startAgent,
  },
  {
    text: /Unable to encode message payload|No complete agent response found/,
    code: 'resource_exhausted',
    reason: 'GUEST_ANSWER_TOO_LONG',
    sentence: 'The guest agent answered more than its node takes.',
  },
  {
    text: /domain is not running/,
    code: 'failed_precondition',
    reason: 'VM_NOT_RUNNING',
    sentence: 'The VM does not run.',
  },
]

/** What a call to an agent rejects with, for whatever went wrong; what is none of an agent's errors stays what it is. */
export function agentError(error: unknown): unknown {
  if (!isLibvirtError(error)) return error
  const { message } = error
  const row = meanings.find(({ codes, text }) => (codes?.includes(error.code) ?? true) && (text?.test(message) ?? true))
  if (row)
    return new AppError(row.code, row.sentence, {
      reason: row.reason,
      cause: error,
      ...(row.details && { details: row.details }),
    })
  const said = /unable to execute QEMU agent command '[^']*':? (?:Guest agent command failed, error was ')?(.*)/s.exec(
    message,
  )?.[1]
  if (said === undefined) return error
  return new AppError('failed_precondition', `The guest's agent could not do it: ${guestText(said)}.`, {
    reason: 'GUEST_AGENT_REFUSED',
    cause: error,
  })
}

/** Whether a call to an agent failed for one of these reasons. */
export const failedFor = (error: unknown, ...reasons: string[]): error is AppError =>
  error instanceof AppError && error.reason !== undefined && reasons.includes(error.reason)

/** The agent has answered something that its commands do not. */
export const unreadableAnswer = (): AppError =>
  new AppError('failed_precondition', "The guest's agent answered what cannot be read.", {
    reason: 'GUEST_AGENT_CANNOT',
  })
