import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { AppError } from '#db/errors.ts'
import type { RevertRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { nvramCopyVolume, nvramVolume } from '#worker/hypervisor/storage-names.ts'
import { volumePath } from '../disks.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { VmState } from './state.ts'

/**
 * Copies the VM's UEFI variables beside a snapshot: libvirt leaves them out of external ones. The firmware writes them so
 * that a power cut at any moment does no harm, nor does a copy; with OVMF they are 528 KiB. A VM that never ran has none
 * yet, and gets no copy: going back, it has none again.
 */
export async function keepNvram(pool: StoragePool, vm: VmState, snapshotId: string): Promise<void> {
  const { nvramPath } = vm.inactive
  if (nvramPath === null) return
  await copyIfThere(nvramPath, volumePath(pool, nvramCopyVolume(vm.vmId, snapshotId)))
}

/** The UEFI variables around a revert: links and renames alone, once the space for the new ones is taken. */
export function nvramOfRevert(pool: StoragePool, { vmId, operationId, keepAs, snapshot }: RevertRequest) {
  const current = volumePath(pool, nvramVolume(vmId))
  const before = volumePath(pool, nvramCopyVolume(vmId, keepAs ?? operationId))
  const staged = `${volumePath(pool, nvramCopyVolume(vmId, operationId))}.new`
  return {
    /** Writes what the snapshot has to a file of its own; nothing where it has none. */
    async stage(): Promise<void> {
      const { nvramVolume: kept } = snapshot
      if (kept === null || (await copyIfThere(volumePath(pool, kept), staged))) return
      throw new AppError('failed_precondition', `The snapshot's UEFI variables ${kept} are missing.`, {
        reason: 'SNAPSHOT_FILE_MISSING',
      })
    },
    /** Puts what was staged in place of the stopped VM's, which stay beside it. */
    async swap(): Promise<void> {
      await allow(link(current, before), 'EEXIST', 'ENOENT')
      if (snapshot.nvramVolume === null) await rm(current, { force: true })
      else await rename(staged, current)
    },
    /** Undoes that, as far as it was done. */
    async swapBack({ hasNvram }: { hasNvram: boolean }): Promise<void> {
      if (hasNvram) await allow(rename(before, current), 'ENOENT')
      else await rm(current, { force: true })
      // One that was linked and never replaced keeps both names.
      await rm(before, { force: true })
    },
  }
}

/** Resolves to whether there was anything to copy. The copy is whole or not there, and its owner's alone. */
async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    const content = await readFile(from)
    await writeFile(`${to}.part`, content, { mode: 0o600, flush: true })
    await rename(`${to}.part`, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    await rm(`${to}.part`, { force: true })
    if (codeOf(error) !== 'ENOSPC' && codeOf(error) !== 'EDQUOT') throw error
    throw new AppError('resource_exhausted', 'The node has no disk space left. Free some, then try again.', {
      reason: 'NODE_DISK_FULL',
      cause: error,
    })
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

/** Lets a call fail with one of these codes. */
const allow = (call: Promise<void>, ...codes: string[]): Promise<void> =>
  call.catch((error) => {
    if (!codes.includes(codeOf(error) ?? '')) throw error
  })
