import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import { volumePath } from '../disks.ts'
import { qemuDiskOf, qmp } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import {
  DomainBlockCommitFlags,
  DomainBlockJobAbortFlags,
  ErrorCode,
  DomainBlockJobType as Job,
} from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import type { CheckDeps } from './check-disks.ts'
import { holdStill } from './hold-still.ts'
import { type BlockJob, readBlockJobs } from './idle.ts'
import type { MergeAction } from './merge-stopped.ts'
import { isOwnCopy, isPulling, startMiddlePull } from './pull-middle.ts'
import type { ReclaimView } from './reclaim-view.ts'
import type { VmState } from './state.ts'

interface Deps extends CheckDeps {
  /** For the calls that wait for the guest or for its disks. */
  slowConnection: LibvirtConnection
}

const firstPollMs = 2
const lastPollMs = 250
/** So much of what a job takes is waited in vain at most. */
const pollGrowth = 1.25
/** After it the operation is tried again, and finds the job where it is by then. */
const jobWithinMs = 30 * 60_000
const pivotTimeoutMs = 120_000
/** After QEMU's job is over libvirt follows within milliseconds. */
const dismissWithinMs = 5_000

/** Begins to merge two files that QEMU has open, as a block job of libvirt. */
export async function startMerge(deps: Deps, view: ReclaimView, { kind, child, parent }: MergeAction): Promise<void> {
  const { slowConnection, pool, reclaims } = deps
  const [childPath, parentPath] = [volumePath(pool, child), volumePath(pool, parent)]
  const { dom } = view.vm
  const disk = view.vm.disks.find(
    ({ alias }) => alias !== null && qemuDiskOf(view.qemuDisks, alias)?.chain.includes(childPath),
  )
  if (!disk) throw new AppError('unavailable', `${child} is open in QEMU, and belongs to no disk.`)
  await requireActiveFiles(deps, view.vm)
  const isTop = disk.path === childPath
  await reclaims.addMerge(view.vm.vmId, { kind: kind === 'pull' ? 'pull' : isTop ? 'top' : 'middle', child, parent })
  if (kind === 'pull' && !isTop) return startMiddlePull(slowConnection, dom, disk.target, childPath, parentPath)
  if (kind === 'pull') {
    const base = view.volumes.get(parent)?.backing?.path ?? null
    await slowConnection.call(remote.domainBlockRebase, { dom, path: disk.target, base, bandwidth: 0n, flags: 0 })
    return
  }
  await slowConnection.call(remote.domainBlockCommit, {
    dom,
    disk: disk.target,
    base: parentPath,
    top: childPath,
    bandwidth: 0n,
    flags: isTop ? DomainBlockCommitFlags.ACTIVE : 0,
  })
}

/** QEMU writes to no file of a guest that stands still since its memory was saved, until the guest runs again. */
export async function requireActiveFiles({ connection }: Deps, { state, dom }: VmState): Promise<void> {
  if (state !== 'PAUSED') return
  const { status } = await qmp<{ status: string }>(connection, dom, 'query-status')
  if (status !== 'postmigrate') return
  throw new AppError(
    'failed_precondition',
    'The VM has been paused since before a memory snapshot, and QEMU merges no files until it runs: resume or stop it, then try again.',
    { reason: 'VM_IS_PAUSED' },
  )
}

/** Whether a merge goes on in a running VM. `jobs` is what QEMU is at: it lists one that is over until libvirt has followed. */
export async function isMerging(
  connection: LibvirtConnection,
  vm: VmState,
  jobs: readonly BlockJob[],
): Promise<boolean> {
  if (vm.disks.some(({ target }) => hasJob(jobs, target))) return true
  const known = await Promise.all(vm.disks.map(({ target }) => readJob(connection, vm.dom, target)))
  return known.some(({ found }) => found === 1)
}

/** libvirt names its jobs `commit-vda-…`, `stream-vda-…`; ours are named so too. */
const hasJob = (jobs: readonly BlockJob[], target: string): boolean =>
  jobs.some(({ device }) => device.split('-').includes(target))

/** Waits for the block jobs of a VM, also those that an earlier attempt left. */
export async function finishJobs(deps: Deps, vm: VmState): Promise<void> {
  for (const { target } of vm.disks) await finishJob(deps, vm, target)
}

async function finishJob(deps: Deps, vm: VmState, target: string): Promise<void> {
  const end = Date.now() + jobWithinMs
  let aliveAt = Date.now()
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollGrowth * pollMs, lastPollMs)) {
    const job = await readJob(deps.connection, vm.dom, target)
    if (job.found === 0) {
      const jobs = await readBlockJobs(deps.connection, vm.dom)
      if (!hasJob(jobs, target)) return
      if (!isPulling(jobs, target) && Date.now() > aliveAt + dismissWithinMs) throw stillBusy()
    } else aliveAt = Date.now()
    const pivots =
      job.type === Job.ACTIVE_COMMIT || (job.type === Job.COPY && (await isOwnCopy(deps.connection, vm, target)))
    if (pivots && job.cur === job.end && (await pivot(deps, vm, target))) return
    if ((job.type === Job.COPY && !pivots) || job.type === Job.BACKUP || Date.now() > end) {
      throw stillBusy()
    }
    await sleep(pollMs)
  }
}

const stillBusy = () =>
  new AppError('unavailable', 'The VM’s disks are still being worked on.', { reason: 'HYPERVISOR_BUSY' })

const readJob = (connection: LibvirtConnection, dom: Domain, target: string) =>
  connection.call(remote.domainGetBlockJobInfo, { dom, path: target, flags: 0 })

/**
 * The guest stands still while QEMU turns from the overlay to the file below it: until the inactive definition names
 * that file too, both have the same content, and a power cut may leave the VM to start from either.
 * Resolves to false when the job is not ready: one that has not looked yet what there is to copy says that all of it is.
 */
async function pivot(deps: Deps, vm: VmState, target: string): Promise<boolean> {
  try {
    await holdStill(deps, vm, async () => {
      await deps.slowConnection.call(
        remote.domainBlockJobAbort,
        { dom: vm.dom, path: target, flags: DomainBlockJobAbortFlags.PIVOT },
        { timeoutMs: pivotTimeoutMs },
      )
    })
    return true
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.BLOCK_COPY_ACTIVE)) return false
    throw error
  }
}
