import path from 'node:path'
import type { SnapshotTaken } from '#worker/hypervisor/snapshot-calls.ts'
import { nvramCopyVolume, nvramVolume } from '#worker/hypervisor/storage-names.ts'
import { readVersions } from '../node.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { StoragePool } from '../storage-pool.ts'
import { withDiskFiles } from '../xml/disk-sources.ts'
import type { RevertEntry } from './revert-journal.ts'
import type { VmState } from './state.ts'
import { readVmVolumes } from './volumes.ts'

/** What a revert takes the VM away from: the way back, and the snapshot that it becomes where it is to be kept. */
export async function describeCurrent(
  connection: LibvirtConnection,
  pool: StoragePool,
  vm: VmState,
  keepAs: string | null,
): Promise<Pick<RevertEntry, 'before' | 'kept'>> {
  const { vmId, state, live } = vm
  const disks = vm.disks.map(({ target, path: file }) => ({ target, volume: path.basename(file) }))
  const hasNvram = (await pool.list()).includes(nvramVolume(vmId))
  const before = { state, disks, hasNvram }
  // Without disks there is nothing that could be kept: the memory goes when the VM is stopped.
  if (keepAs === null || disks.length === 0) return { before, kept: null }
  const stopped = state === 'STOPPED'
  return {
    before,
    kept: {
      kind: stopped ? 'offline' : 'disk-only',
      consistency: stopped ? 'offline' : 'crash',
      notice: stopped ? null : 'A revert ended the running VM here: its disks were kept, its memory was not.',
      freeze: null,
      disks,
      memoryVolume: null,
      nvramVolume: hasNvram ? nvramCopyVolume(vmId, keepAs) : null,
      sizeBytes: 0,
      effectiveCpu: stopped ? null : live.cpu,
      machineType: live.machineType,
      domainXml: withDiskFiles(vm.inactiveXml, vm.disks),
      ...(await readVersions(connection)),
    },
  }
}

/** With what its files take, once nothing writes to them any more. */
export async function withSize(pool: StoragePool, vmId: string, kept: SnapshotTaken): Promise<SnapshotTaken> {
  const volumes = await readVmVolumes(pool, vmId)
  const files = [...kept.disks.map(({ volume }) => volume), kept.nvramVolume].filter((file) => file !== null)
  return { ...kept, sizeBytes: files.reduce((sum, file) => sum + (volumes.get(file)?.allocationBytes ?? 0), 0) }
}
