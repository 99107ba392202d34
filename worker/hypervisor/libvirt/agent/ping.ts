import { z } from 'zod'
import type { AgentPing } from '#worker/hypervisor/agent-calls.ts'
import { failedFor } from './errors.ts'
import type { GuestAgent } from './guest.ts'
import { guestText } from './guest-text.ts'
import { readGuestFile } from './read-file.ts'

const about = z.object({ version: z.string().transform(guestText).nullish() })
const uptimeBytesMax = 64

export async function pingAgent(agent: GuestAgent, signal: AbortSignal): Promise<AgentPing> {
  const { version } = await agent.ask({ execute: 'guest-info' }, about, signal)
  return { version: version ?? null, uptimeSeconds: await readUptime(agent, signal) }
}

/** Only Linux says it: the agent itself has no command for it. */
async function readUptime(agent: GuestAgent, signal: AbortSignal): Promise<number | null> {
  try {
    const { data } = await readGuestFile(agent, { path: '/proc/uptime', offset: 0, maxBytes: uptimeBytesMax }, signal)
    const seconds = Number.parseFloat(Buffer.from(data).toString())
    return Number.isFinite(seconds) && seconds >= 0 ? Math.floor(seconds) : null
  } catch (error) {
    if (failedFor(error, ...cannotSay)) return null
    throw error
  }
}

const cannotSay = [
  'GUEST_FILE_NOT_FOUND',
  'GUEST_FILE_DENIED',
  'GUEST_FILE_FAILED',
  'GUEST_AGENT_CANNOT',
  'GUEST_IS_FROZEN',
]
