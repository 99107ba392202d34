import { errorRecord } from '#db/errors.ts'
import type { AgentCalls } from '#worker/hypervisor/agent-calls.ts'
import { guestText } from '../agent/guest-text.ts'

/** Where a guest keeps what is to be done around a freeze. */
const directories = { before: '/etc/quantix/pre-freeze.d', after: '/etc/quantix/post-thaw.d' } as const

/** Runs every executable file of the directory in the order of their names, and ends with the first that fails. */
const runAll =
  'for each in "$0"/*; do [ -f "$each" ] && [ -x "$each" ] || continue; "$each" || { echo "$each ended with $?" >&2; exit 1; }; done'

const outputLimitBytes = 1000
/** What post-thaw scripts may take: nothing is frozen meanwhile. */
export const postThawTimeoutSeconds = 30

/**
 * Runs the guest's scripts of before a freeze or after a thaw. Resolves to why they failed, or could not be run; null
 * where they did not, and where there are none.
 */
export async function runScripts(
  execute: AgentCalls['executeInGuest'],
  vmId: string,
  moment: keyof typeof directories,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<string | null> {
  const program = { command: '/bin/sh', args: ['-c', runAll, directories[moment]], environment: {}, stdin: null }
  const limits = { timeoutSeconds, outputLimitBytes, workingDirectory: '/', waitForExit: true }
  try {
    const { exitCode, timedOut, stderr } = await execute({ vmId, ...program, ...limits }, signal)
    if (timedOut) return `those in ${directories[moment]} took longer than ${timeoutSeconds} s`
    if (exitCode === 0) return null
    return guestText(new TextDecoder().decode(stderr).trim()) || `those in ${directories[moment]} were ended`
  } catch (error) {
    return errorRecord(error).message
  }
}
