import { rename } from 'node:fs/promises'
import { AppError } from '#db/errors.ts'
import type { ReclaimAction } from '#worker/hypervisor/reclaim-plan.ts'
import { volumePath } from '../disks.ts'
import { readRunState } from '../domain.ts'
import { qemuImg } from '../qemu-img.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { StoragePool } from '../storage-pool.ts'
import { healInactive } from './heal-inactive.ts'
import type { Merge, ReclaimJournal } from './reclaim-journal.ts'
import type { ReclaimView } from './reclaim-view.ts'
import { standOn } from './undo-merges.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
  reclaims: ReclaimJournal
}

export type MergeAction = Exclude<ReclaimAction, { kind: 'unlink' }>

/**
 * Merges two files that no QEMU has open. Cut off in the middle, what is read through the child is what it was: data
 * went into the parent only where the child hides it, or into the child only what was read through it before. A child that was pulled into must be put back on its parent then:
 * qemu-img names the new file below in its head before it has written down where all of the data is.
 */
export async function mergeStopped(deps: Deps, view: ReclaimView, action: MergeAction, bytes: number): Promise<void> {
  const [child, parent] = [volumePath(deps.pool, action.child), volumePath(deps.pool, action.parent)]
  if (action.kind === 'pull') {
    const below = view.volumes.get(action.parent)?.backing
    const backing = below ? ['-b', below.path, '-F', below.format] : ['-b', '']
    await qemuImg('rebase', 'qcow2', [...backing, child], bytes)
    return verify(child, bytes)
  }
  // Naming the base keeps the child as it is, and fails where it stands on something else.
  await qemuImg('commit', 'qcow2', ['-b', parent, child], bytes)
  await verify(parent, bytes)
  if (view.vm.inactive.disks.some(({ path }) => path === child)) return startFromParent(deps, view, action)
  // Both have the same content now: the child's name lives on, with whatever names it.
  await rename(parent, child)
}

/** Throws for a file that is damaged, before anything relies on it; gives back what an attempt that was cut off had taken. */
const verify = (file: string, bytes: number): Promise<void> => qemuImg('check', 'qcow2', ['-r', 'leaks', file], bytes)

/** A VM that somebody starts at this moment keeps its file: it is removed only when it is seen unused. */
async function startFromParent(
  { connection, pool, reclaims }: Deps,
  { vm }: ReclaimView,
  { child, parent }: MergeAction,
): Promise<void> {
  if ((await readRunState(connection, vm.dom)) !== 'STOPPED') {
    throw new AppError('unavailable', 'The VM was started meanwhile.', { reason: 'VM_IS_RUNNING' })
  }
  await reclaims.addMerge(vm.vmId, { kind: 'top', child, parent })
  await healInactive(connection, vm, [{ from: volumePath(pool, child), to: volumePath(pool, parent) }])
}

/** After a merge in a running chain: the overlays of other branches stand on the file that is left. */
export async function moveOverlays({ pool }: Deps, { files }: ReclaimView, { child, parent }: Merge): Promise<void> {
  for (const { name } of files.filter(({ backing }) => backing === child)) await standOn(pool, name, parent)
}
