import type { SeedRequest } from '#worker/hypervisor/port.ts'
import { seedVolume } from '#worker/hypervisor/storage-names.ts'
import type { SimulatedFiles } from './files.ts'

/** Makes a seed that holds nothing but its revision: the node's state is a file that others may read. */
export async function ensureSeed(pool: SimulatedFiles, { vmId, revision, files }: SeedRequest): Promise<void> {
  const name = seedVolume(vmId)
  if (pool[name]?.blocks[0] === revision) return
  await files()
  pool[name] = { backing: null, blocks: { 0: revision } }
}
