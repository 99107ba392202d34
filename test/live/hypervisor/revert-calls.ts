import { randomUUID } from 'node:crypto'
import type { RevertRequest, SnapshotTaken, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import type { LibvirtNode } from './libvirt-node.ts'
import { snapshotOf } from './node-vms.ts'

/** What the rows keep of a snapshot's files. */
export const stored = (
  snapshotId: string,
  { kind, disks, memoryVolume, nvramVolume }: SnapshotTaken,
): StoredSnapshot => ({ snapshotId, kind, disks, memoryVolume, nvramVolume })

export async function take(
  { hypervisor }: Pick<LibvirtNode, 'hypervisor'>,
  vmId: string,
  includeMemory = false,
): Promise<StoredSnapshot> {
  const request = snapshotOf(vmId, { includeMemory })
  return stored(request.snapshotId, await hypervisor.createSnapshot(request))
}

export const revertTo = (
  vmId: string,
  snapshot: StoredSnapshot,
  parts: Partial<RevertRequest> = {},
): RevertRequest => ({ vmId, operationId: randomUUID(), snapshot, keepAs: null, start: false, ...parts })
