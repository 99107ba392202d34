import { setTimeout as sleep } from 'node:timers/promises'
import { findDomain } from '../domain.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { thaw } from './freeze.ts'

const retryMs = 500

/**
 * Thaws until the guest is seen thawed, or is not there any more: stopped, or started anew. A freeze that timed out is
 * still in the agent's queue; the agent answers in order, so one that is seen thawed after it has it behind it.
 * Resolves to whether it is there; rejects only when it is aborted.
 */
export async function thawUntilSeen(
  connection: LibvirtConnection,
  guest: { vmId: string; domainId: number },
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    try {
      const dom = await findDomain(connection, guest.vmId)
      if (dom?.id !== guest.domainId) return false
      if (await thaw(connection, dom)) return true
    } catch {
      // An agent that is gone or hangs may come back, and so may libvirt.
    }
    await sleep(retryMs, undefined, { signal })
  }
}
