import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import type { Settings } from '#db/settings.ts'
import { nodeCredentials } from '#proto/tls/node-credentials.ts'
import { watchCertificates } from '#proto/tls/watched-certificates.ts'
import { createDaemonPool, type DaemonPool } from './daemon-pool.ts'
import { followNodes } from './follow-nodes.ts'

export interface OpenDaemons {
  pool: DaemonPool
  close(): Promise<void>
}

/**
 * A pool that follows the nodes of a database. Without certificates, only nodes on this machine are called. Throws
 * `failed_precondition` where the certificates cannot be used.
 */
export async function openNodeDaemons(
  { controlPlaneTlsDirectory: directory }: Pick<Settings, 'controlPlaneTlsDirectory'>,
  { database, log }: { database: Database; log: Logger },
): Promise<OpenDaemons> {
  const certificates = directory === undefined ? undefined : await watchCertificates({ directory, nodeId: null, log })
  const pool = createDaemonPool({ credentials: nodeCredentials(certificates), log })
  const following = followNodes({ database, pool, log, mayDial: certificates ? () => true : isLoopback })
  return {
    pool,
    async close() {
      await following.close()
      log.info({ calls: pool.snapshot().methods }, 'what the node daemons were asked')
      pool.close()
      certificates?.close()
    },
  }
}

/** Of an address with a port. */
export const isLoopback = (address: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\]):\d+$/.test(address)
