import type { Reclaimed, ReclaimRequest } from '#worker/hypervisor/port.ts'
import type { SnapshotDeps } from './create.ts'

/** Removes or merges the files of a VM that nothing needs. */
export async function reclaimFiles(_deps: SnapshotDeps, _request: ReclaimRequest): Promise<Reclaimed> {
  throw new Error('to be written')
}
