import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '#api/deps.ts'
import type { Database } from '#db/client.ts'
import { nodes } from '#db/schema/node.ts'
import type { DaemonPool } from './daemon-pool.ts'

export interface FollowOptions {
  database: Database
  pool: Pick<DaemonPool, 'connect' | 'disconnect' | 'snapshot'>
  /** Whether the address may be called with the security there is. */
  mayDial(address: string): boolean
  log: Log
  everyMs?: number
}

const usualMs = 10_000

/** Keeps the pool in step with the nodes' rows: new nodes are dialled, moved ones dialled anew, lost ones let go of. */
export function followNodes({ database, pool, mayDial, log, everyMs = usualMs }: FollowOptions): {
  close(): Promise<void>
} {
  const closing = new AbortController()
  const refused = new Set<string>()

  async function look(): Promise<void> {
    const rows = await database.drizzle.select({ id: nodes.id, address: nodes.daemonAddress }).from(nodes)
    if (closing.signal.aborted) return
    const dialled = new Set<string>()
    for (const { id, address } of rows) {
      if (address === null) continue
      if (mayDial(address)) {
        pool.connect(id, address)
        dialled.add(id)
      } else if (!refused.has(address)) {
        refused.add(address)
        const message = 'a node on another machine is not called without TLS: set QUANTIX_CONTROL_PLANE_TLS_DIR'
        log.warn({ node: { id }, address }, message)
      }
    }
    for (const { nodeId } of pool.snapshot().nodes) if (!dialled.has(nodeId)) pool.disconnect(nodeId)
  }

  const following = (async () => {
    while (!closing.signal.aborted) {
      await look().catch((err) => log.warn({ err }, 'the nodes could not be read'))
      await delay(everyMs, undefined, { signal: closing.signal }).catch(() => {})
    }
  })()
  return {
    async close() {
      closing.abort()
      await following
    },
  }
}
