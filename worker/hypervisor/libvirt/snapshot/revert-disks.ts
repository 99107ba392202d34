import { rename } from 'node:fs/promises'
import { AppError } from '#db/errors.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { RevertRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { volumePath } from '../disks.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { DiskFile } from '../xml/disk-sources.ts'
import type { VmState } from './state.ts'
import { readVmVolumes } from './volumes.ts'

/** The files that a revert puts the VM's disks on. */
export const overlaysOf = (pool: StoragePool, { vmId, operationId, snapshot }: RevertRequest): DiskFile[] =>
  snapshot.disks.map(({ target }) => ({ target, path: volumePath(pool, overlayVolume(vmId, target, operationId)) }))

/** Whether those are what the VM's disks write to. */
export const isOn = (vm: VmState, files: readonly DiskFile[]): boolean =>
  vm.disks.every(({ target, path }) => files.some((file) => file.target === target && file.path === path))

export const filesOf = (pool: StoragePool, disks: readonly SnapshotDisk[]): DiskFile[] =>
  disks.map(({ target, volume }) => ({ target, path: volumePath(pool, volume) }))

/** Throws `failed_precondition` when disks were added or removed since: going back would lose or invent one. */
export function requireSameDisks(vm: VmState, { snapshot }: RevertRequest): void {
  const [now, then] = [vm.disks, snapshot.disks].map((disks) =>
    disks
      .map(({ target }) => target)
      .sort()
      .join(', '),
  )
  if (now === then) return
  throw new AppError(
    'failed_precondition',
    `The VM has the disks ${now || 'none'}, and the snapshot has ${then || 'none'}: attach or detach disks until they are the same.`,
    { reason: 'DISKS_CHANGED' },
  )
}

/**
 * Puts a fresh overlay on each of the snapshot's disks, in place of one that an attempt that was cut off made: there is no
 * moment at which a definition names a file that is not there. The VM must not be running on them.
 */
export async function makeOverlays(pool: StoragePool, request: RevertRequest): Promise<void> {
  const { vmId, operationId, snapshot } = request
  const volumes = await readVmVolumes(pool, vmId)
  for (const { target, volume } of snapshot.disks) {
    const frozen = volumes.get(volume)
    if (!frozen) {
      throw new AppError('failed_precondition', `The snapshot's file ${volume} of disk ${target} is missing.`, {
        reason: 'SNAPSHOT_FILE_MISSING',
      })
    }
    const overlay = overlayVolume(vmId, target, operationId)
    const fresh = `${overlay}.new`
    await pool.remove(fresh)
    const backing = { path: frozen.path, format: 'qcow2' } as const
    await pool.create({ name: fresh, capacityBytes: frozen.capacityBytes, backing })
    await rename(volumePath(pool, fresh), volumePath(pool, overlay))
  }
}
