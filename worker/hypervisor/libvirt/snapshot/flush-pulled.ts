import { volumePath } from '../disks.ts'
import { qmp, readQemuDisks } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { CheckDeps } from './check-disks.ts'
import { followPull } from './follow-pull.ts'
import { holdStill } from './hold-still.ts'
import type { Merge, ReclaimEntry } from './reclaim-journal.ts'
import type { VmState } from './state.ts'

interface Deps extends CheckDeps {
  /** For the calls that wait for the guest or for its disks. */
  slowConnection: LibvirtConnection
}

/**
 * After a pull QEMU names the file below in the child's head, and keeps where it put the data to itself until the child
 * is flushed: QEMU 7.2 killed in between leaves a child that misses it. Only then, and when libvirt has
 * followed, is the parent one that nothing needs. Resolves to whether there was such a child.
 */
export async function flushPulled(deps: Deps, vm: VmState, { merges }: ReclaimEntry): Promise<boolean> {
  const { connection, pool, reclaims } = deps
  if (!merges.some(({ kind }) => kind === 'pull')) return false
  // Read anew: what was read while a pull went on is of before its end.
  const open = new Set((await readQemuDisks(connection, vm.dom)).flatMap(({ chain }) => chain))
  const isDone = ({ kind, parent }: Merge) => kind === 'pull' && !open.has(volumePath(pool, parent))
  if (!merges.some(isDone)) return false
  // QEMU flushes every file when it stops its guest, and when it is asked to stop one that stands still.
  if (vm.state === 'RUNNING') await holdStill(deps, vm, async () => {})
  else await qmp(connection, vm.dom, 'stop')
  for (const { parent } of merges.filter(isDone)) await followPull(deps, vm.vmId, volumePath(pool, parent))
  await reclaims.forget(vm.vmId, isDone)
  return true
}
