import type { z } from 'zod'
import { AppError } from '#db/errors.ts'
import type { GuestAgentInfo } from '#db/schema/vm-guest.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { failedFor } from './errors.ts'
import { guestAnswers } from './guest-answers.ts'
import type { AgentLine } from './line.ts'

/** An agent answers each of these within milliseconds. */
const answerTimeoutSeconds = 3
/** Answers of an agent that can be asked something else. */
const unable = ['GUEST_AGENT_CANNOT', 'GUEST_AGENT_REFUSED', 'GUEST_IS_FROZEN', 'GUEST_ANSWER_TOO_LONG']

/** All that an agent says of its guest, of bounded length; null where it does not say who it is. */
export async function readGuestInfo(
  line: Pick<AgentLine, 'ask'>,
  dom: Domain,
  signal: AbortSignal,
): Promise<GuestAgentInfo | null> {
  /** Null where the agent cannot say, or says what cannot be read. */
  async function ask<Command extends keyof typeof guestAnswers>(command: Command) {
    if (signal.aborted)
      throw new AppError('unavailable', 'An operation on this VM begins.', { reason: 'HYPERVISOR_BUSY' })
    try {
      const answer = await line.ask(dom, { execute: command, timeoutSeconds: answerTimeoutSeconds }, signal)
      const { data } = guestAnswers[command].safeParse(answer)
      return (data ?? null) as z.infer<(typeof guestAnswers)[Command]> | null
    } catch (error) {
      if (failedFor(error, ...unable)) return null
      throw error
    }
  }

  const agent = await ask('guest-info')
  if (!agent) return null
  const { version, supported_commands: capabilities } = agent
  const askIfAble = async <Command extends keyof typeof guestAnswers>(command: Command) =>
    capabilities.includes(command) ? ask(command) : null
  const os = await askIfAble('guest-get-osinfo')
  const host = await askIfAble('guest-get-host-name')
  const interfaces = await askIfAble('guest-network-get-interfaces')
  const fileSystems = await askIfAble('guest-get-fsinfo')
  const users = await askIfAble('guest-get-users')
  return {
    version,
    osName: os?.name ?? null,
    osVersion: os?.version ?? null,
    kernelVersion: os?.['kernel-release'] ?? null,
    hostname: host?.['host-name'] ?? null,
    interfaces: interfaces ?? [],
    fileSystems: fileSystems ?? [],
    users: users ?? [],
    capabilities,
  }
}
