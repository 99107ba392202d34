import { newId } from '#db/new-id.ts'
import { newVm } from '#db/new-vm.ts'
import type { SnapshotRequest } from '#db/operations/begin-snapshot.ts'
import type { OperationInput, OperationKind } from '#db/operations/catalog.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { SnapshotOrigin, SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { NewVm } from '#worker/daemon/vm-control.ts'

/** The rows that Postgres would complete by its defaults. */

export const newVmRow = ({ vmId, secrets: _, ...wanted }: NewVm, nodeId: string): VmRow => ({
  id: vmId,
  ...newVm,
  ...wanted,
  description: '',
  nodeId,
  message: '',
  tscFrequencyHz: null,
  createdAt: new Date(),
  updatedAt: new Date(),
})

export const newOperationRow = <K extends OperationKind>(
  kind: K,
  input: OperationInput<K> & { vmId: string },
  nodeId: string,
): OperationRow => ({
  id: newId(),
  kind,
  vmId: input.vmId,
  imageId: null,
  storagePoolId: null,
  volumeId: null,
  nodeId,
  input,
  actor: 'user',
  status: 'queued',
  attempt: 0,
  epoch: 0,
  steps: {},
  progress: null,
  cancelRequestedAt: null,
  error: null,
  result: null,
  notBefore: new Date(),
  createdAt: new Date(),
  startedAt: null,
  finishedAt: null,
})

/** Of what was current before a revert. */
export const newKeptRow = (vmId: string, name: string): SnapshotRow => {
  const wanted = { name, description: '', includeMemory: false, quiesce: false } as const
  return newSnapshotRow(vmId, { ...wanted, quiescePolicy: 'require', quiesceTimeoutSeconds: 60 }, 'revert')
}

export const newSnapshotRow = (
  vmId: string,
  wanted: SnapshotRequest,
  origin: SnapshotOrigin = 'user',
): SnapshotRow => ({
  id: newId(),
  vmId,
  ...wanted,
  origin,
  parentId: null,
  state: 'CREATING',
  error: null,
  kind: null,
  consistency: null,
  notice: null,
  freeze: null,
  disks: null,
  memoryVolume: null,
  nvramVolume: null,
  sizeBytes: null,
  effectiveCpu: null,
  machineType: null,
  libvirtVersion: null,
  qemuVersion: null,
  takenAt: null,
  createdAt: new Date(),
})
