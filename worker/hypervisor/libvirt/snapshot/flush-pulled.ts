import { volumePath } from '../disks.ts'
import { qmp, readQemuDisks } from '../qmp.ts'
import type { CheckDeps } from './check-disks.ts'
import { holdStill } from './hold-still.ts'
import type { Merge } from './reclaim-journal.ts'
import type { VmState } from './state.ts'

/**
 * After a pull QEMU names the file below in the child's head, and keeps where it put the data to itself until the child
 * is flushed: QEMU 7.2 killed in between leaves a child that misses it. Only then is the parent one that nothing needs.
 */
export async function flushPulled(deps: CheckDeps, vm: VmState): Promise<void> {
  const { connection, pool, reclaims } = deps
  const { merges } = await reclaims.read(vm.vmId)
  if (!merges.some(({ kind }) => kind === 'pull')) return
  const open = new Set((await readQemuDisks(connection, vm.dom)).flatMap(({ chain }) => chain))
  const isDone = ({ kind, parent }: Merge) => kind === 'pull' && !open.has(volumePath(pool, parent))
  if (!merges.some(isDone)) return
  // QEMU flushes every file when it stops its guest, and when it is asked to stop one that stands still.
  if (vm.state === 'RUNNING') await holdStill(deps, vm, async () => {})
  else await qmp(connection, vm.dom, 'stop')
  await reclaims.forget(vm.vmId, isDone)
}
