import { z } from 'zod'
import type { AgentShutdown } from '#worker/hypervisor/agent-calls.ts'
import { failedFor } from './errors.ts'
import type { GuestAgent } from './guest.ts'

/** The agent answers this command only when it could not do it. */
const refusalWithinSeconds = 2

/** Has the agent shut the guest down, or reboot it. Returns when it has not refused. */
export async function shutdownByAgent(
  agent: GuestAgent,
  { reboot }: AgentShutdown,
  signal: AbortSignal,
): Promise<void> {
  // One that hangs would pass for one that agrees.
  await agent.ask({ execute: 'guest-ping' }, z.unknown(), signal)
  const mode = reboot ? 'reboot' : 'powerdown'
  const command = { execute: 'guest-shutdown', args: { mode }, timeoutSeconds: refusalWithinSeconds }
  await agent.ask(command, z.unknown(), signal).catch((error) => {
    if (!failedFor(error, ...agreed)) throw error
  })
}

/** What a guest that goes down looks like. */
const agreed = ['GUEST_AGENT_NOT_RESPONDING', 'GUEST_AGENT_NOT_CONNECTED', 'VM_NOT_RUNNING']
