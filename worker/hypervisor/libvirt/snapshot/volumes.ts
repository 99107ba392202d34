import { readdir, stat } from 'node:fs/promises'
import { unlessGone } from '#worker/files.ts'
import { vmPrefix } from '#worker/hypervisor/storage-names.ts'
import { volumePath } from '../disks.ts'
import type { StoragePool } from '../storage-pool.ts'
import { blockBytes, readOverlayFile } from './overlay-file.ts'

/** One file of a VM in the pool. */
export interface VmVolume {
  path: string
  /** Of the disk in it; of another file its length. */
  capacityBytes: number
  /** What it takes on the disk. */
  allocationBytes: number
  /** What it is an overlay of. */
  backing: { path: string; format: string } | null
}

/** A VM's files in the pool, by name. */
export type VmVolumes = ReadonlyMap<string, VmVolume>

/**
 * Read from the files themselves: libvirt would have to look through every file of the pool first, whoever's it is, and
 * be asked four times for each of these.
 */
export async function readVmVolumes(pool: StoragePool, vmId: string): Promise<VmVolumes> {
  const names = (await readdir(pool.directory)).filter((name) => name.startsWith(vmPrefix(vmId)))
  const volumes = await Promise.all(
    names.map(async (name) => [name, await readVolume(volumePath(pool, name))] as const),
  )
  return new Map(volumes.flatMap(([name, volume]) => (volume ? [[name, volume]] : [])))
}

/** Null for one that is gone. */
async function readVolume(file: string): Promise<VmVolume | null> {
  const disk = await readOverlayFile(file)
  if (disk) {
    const { capacityBytes, allocationBytes, backing, backingFormat } = disk
    // What the worker makes always states it.
    return {
      path: file,
      capacityBytes,
      allocationBytes,
      backing: backing === null ? null : { path: backing, format: backingFormat ?? 'qcow2' },
    }
  }
  const stats = await unlessGone(stat(file))
  return stats && { path: file, capacityBytes: stats.size, allocationBytes: stats.blocks * blockBytes, backing: null }
}

/** How many overlays lie on top of the disk as it was made. */
export function overlayDepth(volumes: VmVolumes, file: string): number {
  const backings = new Map([...volumes.values()].map(({ path, backing }) => [path, backing?.path]))
  const chain = new Set<string>()
  // A damaged chain may be a ring.
  for (let path: string | undefined = file; path && backings.has(path) && !chain.has(path); path = backings.get(path)) {
    chain.add(path)
  }
  return Math.max(0, chain.size - 1)
}
