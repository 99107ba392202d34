import { AppError } from '#db/errors.ts'
import { failedFor } from './errors.ts'
import type { GuestAgent } from './guest.ts'
import { awaitEnd, type Ended, startProgram } from './programs.ts'

const withinMs = 20_000

/** Runs one of our scripts, which says little and ends soon. Throws `failed_precondition` where the guest has no shell. */
export async function runScript(
  agent: GuestAgent,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Ended> {
  const shell = { path: '/bin/sh', args: ['-c', script, 'sh', ...args], keepsOutput: true }
  const pid = await startProgram(agent, shell, signal).catch((error) => {
    throw failedFor(error, 'GUEST_AGENT_REFUSED') ? noShell(error) : error
  })
  const ended = await awaitEnd(agent, pid, withinMs, signal)
  if (ended) return ended
  throw new AppError('deadline_exceeded', 'The guest did not do it in time. It may yet.', {
    reason: 'GUEST_AGENT_NOT_RESPONDING',
  })
}

const noShell = (cause: unknown): AppError =>
  new AppError(
    'failed_precondition',
    'This needs setsid and a POSIX shell in the guest, which every Linux has and Windows has not.',
    { reason: 'GUEST_AGENT_CANNOT', cause },
  )
