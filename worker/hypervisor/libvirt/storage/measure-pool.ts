import { statfs } from 'node:fs/promises'
import type { StoragePoolState } from '#worker/hypervisor/storage-calls.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { remote } from '../rpc/protocol.gen.ts'
import { listVolumeFiles } from './file-volumes.ts'
import { listUnits } from './network-volumes.ts'
import { directoryOf, type OpenPool } from './open-pool.ts'

type Sizes = Pick<StoragePoolState, 'capacityBytes' | 'allocationBytes' | 'availableBytes' | 'volumeCount'>

/** What is in a pool, and what can still be. */
export async function measurePool(connection: LibvirtConnection, pool: OpenPool): Promise<Sizes> {
  const directory = directoryOf(pool)
  if (directory === null) {
    const units = await listUnits(connection, pool)
    const { capacity, allocation, available } = await connection.call(remote.storagePoolGetInfo, {
      pool: pool.reference,
    })
    return {
      capacityBytes: Number(capacity),
      allocationBytes: Number(allocation),
      availableBytes: Number(available),
      volumeCount: units.length,
    }
  }
  // libvirt's own figures are as old as its last look, and count what is kept for root.
  const { blocks, bfree, bavail, bsize } = await statfs(directory)
  return {
    capacityBytes: blocks * bsize,
    allocationBytes: (blocks - bfree) * bsize,
    availableBytes: bavail * bsize,
    volumeCount: (await listVolumeFiles(directory)).length,
  }
}
