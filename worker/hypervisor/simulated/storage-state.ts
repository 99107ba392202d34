import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import type { PoolFile, StoragePoolState, Volume } from '#worker/hypervisor/storage-calls.ts'
import { poolTypes, type VolumeOrigin } from '#worker/hypervisor/storage-rules.ts'

export interface SimulatedVolume {
  capacityBytes: number
  allocationBytes: number
  /** Undefined of one that nobody asked for. */
  origin?: VolumeOrigin
  vmId: string | null
}

/** What is at a place stays there, whether it is a pool of the node or not. */
export interface SimulatedStorage {
  /** By id. */
  pools: Record<string, SimulatedPool>
  /** Volumes by id, by where they are. */
  places: Record<string, Record<string, SimulatedVolume>>
}

export interface SimulatedPool {
  source: StoragePoolSource
  /** Why it cannot be used; null where it can. */
  problem: string | null
}

const gib = 2 ** 30
/** What QEMU writes of an empty qcow2. */
export const emptyBytes = 196_616

/** A target's units are there from the start. */
export const newPlace = ({ type }: StoragePoolSource): Record<string, SimulatedVolume> =>
  type === 'iscsi' ? { 'lun-1': { capacityBytes: 10 * gib, allocationBytes: 10 * gib, vmId: null } } : {}

/** Where a pool is, whoever looks. */
export const placeOf = (source: StoragePoolSource): string => JSON.stringify(source)

export const allocated = (volumes: Record<string, SimulatedVolume>): number =>
  Object.values(volumes).reduce((bytes, { allocationBytes }) => bytes + allocationBytes, 0)

export function poolView(
  poolId: string,
  { source, problem }: SimulatedPool,
  volumes: Record<string, SimulatedVolume>,
  capacityBytes: number,
): StoragePoolState {
  const allocationBytes = allocated(volumes)
  const sizes = { capacityBytes, allocationBytes, availableBytes: Math.max(0, capacityBytes - allocationBytes) }
  return {
    poolId,
    source,
    active: problem === null,
    problem,
    mountPath: mountPath(poolId, source),
    ...(problem === null ? sizes : { capacityBytes: 0, allocationBytes: 0, availableBytes: 0 }),
    volumeCount: problem === null ? Object.keys(volumes).length : 0,
  }
}

function mountPath(poolId: string, source: StoragePoolSource): string | null {
  if (source.type === 'local-dir') return source.path
  return poolTypes[source.type].isFileSystem ? `/simulated/mounts/${poolId}` : null
}

export function volumeView(
  poolId: string,
  volumeId: string,
  { source }: SimulatedPool,
  { capacityBytes, allocationBytes, vmId, origin }: SimulatedVolume,
): Volume {
  const directory = mountPath(poolId, source)
  return {
    poolId,
    volumeId,
    capacityBytes,
    allocationBytes,
    format: directory === null ? 'raw' : 'qcow2',
    path: directory === null ? `simulated:${poolId}/${volumeId}` : `${directory}/${volumeId}.qcow2`,
    vmId,
    snapshotOf: origin?.snapshotOf ?? null,
  }
}

export const fileView = ([volumeId, { allocationBytes }]: [string, SimulatedVolume]): PoolFile => ({
  name: `${volumeId}.qcow2`,
  isDirectory: false,
  sizeBytes: allocationBytes,
  modifiedAt: new Date(0).toISOString(),
  mode: 0o600,
})
