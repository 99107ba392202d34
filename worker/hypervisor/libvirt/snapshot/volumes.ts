import { vmPrefix } from '../storage-names.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { VolumeFacts } from '../xml/read-storage.ts'

/** A VM's files in the pool, by name. */
export type VmVolumes = ReadonlyMap<string, VolumeFacts>

export async function readVmVolumes(pool: StoragePool, vmId: string): Promise<VmVolumes> {
  const names = (await pool.list()).filter((name) => name.startsWith(vmPrefix(vmId)))
  const facts = await Promise.all(names.map(async (name) => [name, await pool.read(name)] as const))
  return new Map(facts.filter((entry): entry is [string, VolumeFacts] => entry[1] !== null))
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
