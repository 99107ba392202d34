import type { StoragePoolRow } from '#db/schema/storage-pool.ts'
import type { VolumeRow } from '#db/schema/volume.ts'
import type { StoragePoolState, Volume } from '#worker/hypervisor/storage-calls.ts'

/** What a pool's row says of it, as its node has it. */
export const poolColumns = ({ poolId: _, volumeCount: __, ...pool }: StoragePoolState) =>
  pool satisfies Partial<StoragePoolRow>

/** What a volume's row says of it, as its node has it. */
export const volumeColumns = ({ capacityBytes, allocationBytes, format, vmId, snapshotOf }: Volume) =>
  ({ sizeBytes: capacityBytes, allocationBytes, format, vmId, snapshotOf }) satisfies Partial<VolumeRow>
