import { setTimeout as sleep } from 'node:timers/promises'
import { thaw } from './freeze.ts'
import type { FrozenRun, ThawLine } from './thaw-line.ts'

const retryMs = 500

/**
 * Thaws until the guest is seen thawed, or is not there any more: stopped, or started anew. A freeze that timed out is
 * still in the agent's queue; the agent answers in order, so one that is seen thawed after it has it behind it.
 * Resolves to whether it is there; rejects only when it is aborted.
 */
export async function thawUntilSeen(line: ThawLine, run: FrozenRun, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    // An agent that is gone or hangs may come back, and so may libvirt.
    const isThawed = await line.ask(run, thaw).catch(() => false)
    if (isThawed !== false) return isThawed !== null
    await sleep(retryMs, undefined, { signal })
  }
}
