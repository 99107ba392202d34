import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import { qemuPid } from '#test/support/processes.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { LibvirtNode } from './libvirt-node.ts'
import type { snapshotTree } from './snapshot-tree.ts'

/** As the executor would: what is not known is tried again. */
export async function untilReclaimed(tree: ReturnType<typeof snapshotTree>, hypervisor?: Hypervisor): Promise<void> {
  const end = Date.now() + 60_000
  for (;;) {
    try {
      await tree.reclaim(hypervisor)
      return
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'unavailable') || Date.now() > end) throw error
      await sleep(100)
    }
  }
}

/** What the user is told to do, where libvirtd was killed at one of the moments that it does not come back from. */
export async function doAsTold(
  node: Pick<LibvirtNode, 'hypervisor'>,
  tree: ReturnType<typeof snapshotTree>,
  error: unknown,
): Promise<void> {
  const reason = error instanceof AppError ? error.reason : null
  if (reason === 'QEMU_LOST_BY_LIBVIRT') process.kill(qemuPid(tree.vmId), 'SIGKILL')
  else if (reason === 'DISK_JOB_NOT_OVER') await node.hypervisor.destroyVm(tree.vmId)
  else throw error
  await untilReclaimed(tree)
  await node.hypervisor.startVm(tree.vmId)
}
