import { AppError } from '#db/errors.ts'
import { planReclaim } from '#worker/hypervisor/reclaim-plan.ts'
import type { Reclaimed, ReclaimRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { readRunState, requireDomain } from '../domain.ts'
import { redefine } from '../redefine.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { withoutBackingStores } from '../xml/disk-sources.ts'
import { type CheckDeps, requireSoundDisks, type SoundVm } from './check-disks.ts'
import { flushPulled } from './flush-pulled.ts'
import { hasStopped } from './has-stopped.ts'
import { letGoOn } from './hold-still.ts'
import { type BlockJob, isIdle, readBlockJobs } from './idle.ts'
import { finishJobs, isMerging, startMerge } from './merge-running.ts'
import { type MergeAction, mergeStopped, moveOverlays } from './merge-stopped.ts'
import type { ReclaimEntry } from './reclaim-journal.ts'
import { type ReclaimView, reclaimView } from './reclaim-view.ts'
import type { RevertJournal } from './revert-journal.ts'
import type { VmState } from './state.ts'

export interface ReclaimDeps extends CheckDeps {
  /** For the calls that wait for the guest or for its disks. */
  slowConnection: LibvirtConnection
  reverts: RevertJournal
}

const maxLooks = 3

/**
 * Removes or merges the files of a VM that nothing needs. Looks, does one thing, and looks again until there is nothing
 * to do: cut off anywhere, it is made again from what is there. A VM that stops meanwhile is merged on as a stopped one.
 */
export async function reclaimFiles(deps: ReclaimDeps, request: ReclaimRequest): Promise<Reclaimed> {
  const [dom] = await Promise.all([
    requireDomain(deps.connection, request.vmId),
    refuseUnfinishedRevert(deps, request.vmId),
  ])
  const turn: Turn = { copiedBytes: 0, jobOf: null }
  let first: ReclaimView | null = null
  for (;;) {
    const stateBefore = await readRunState(deps.connection, dom)
    try {
      const seen = await look(deps, request, stateBefore === 'STOPPED' ? null : dom)
      if (!first) await request.onBegin?.()
      first ??= seen
      const view = await removeUnused(deps, seen)
      if (await act(deps, view, turn)) continue
      await forgetMerges(deps, request, view)
      return {
        moved: movedVolumes(request, view),
        copiedBytes: turn.copiedBytes,
        freedBytes: Math.max(0, allocatedBytes(first) - allocatedBytes(view)),
      }
    } catch (error) {
      if (!isLibvirtError(error) || stateBefore === 'STOPPED' || !(await hasStopped(deps.connection, dom))) throw error
    }
  }
}

/** After a revert that could not even be undone, only its journal knows the files that were current before it. */
async function refuseUnfinishedRevert({ reverts }: ReclaimDeps, vmId: string): Promise<void> {
  const entry = await reverts.readUnfinished(vmId)
  if (!entry) return
  const files = entry.before.disks.map(({ volume }) => volume).join(', ')
  throw new AppError(
    'failed_precondition',
    `A revert of this VM could be neither finished nor undone, so nothing of it is removed. Its disks before the revert are ${files}: ` +
      'copy what you need of them, then revert to a snapshot again.',
    { reason: 'REVERT_UNFINISHED' },
  )
}

interface Turn {
  copiedBytes: number
  /** The merge that QEMU was given last. */
  jobOf: string | null
}

/** Nothing is merged but on sound disks, after what an earlier attempt left running has ended. Null does not run. */
async function look(
  deps: ReclaimDeps,
  request: ReclaimRequest,
  running: Domain | null,
  looks = 1,
): Promise<ReclaimView> {
  const { vmId, keep } = request
  const [sound, entry, jobs] = await Promise.all([
    requireSoundDisks(deps, vmId, keep),
    deps.reclaims.read(vmId),
    running ? readBlockJobs(deps.connection, running) : [],
  ])
  if (await settle(deps, sound.vm, entry, jobs)) return look(deps, request, running)
  // A job that began and ended since its files were read shows in them alone.
  if (!isOneMoment(sound) && looks < maxLooks) return look(deps, request, running, looks + 1)
  await forgetBackings(deps, sound.vm)
  return reclaimView(deps, sound, keep, entry.merges)
}

/** Whether what QEMU has open stands on what its files say. */
const isOneMoment = ({ qemuDisks, volumes }: SoundVm): boolean => {
  const backings = new Map([...volumes.values()].map(({ path, backing }) => [path, backing?.path]))
  return qemuDisks.every(({ chain }) =>
    chain.every((file, index) => !backings.has(file) || backings.get(file) === chain[index + 1]),
  )
}

/** Ends what an earlier attempt left running. Resolves to whether there was anything. */
async function settle(
  deps: ReclaimDeps,
  vm: VmState,
  entry: ReclaimEntry,
  jobs: readonly BlockJob[],
): Promise<boolean> {
  if (vm.state !== 'STOPPED') {
    if (!(await isIdle(deps.connection, vm.dom))) {
      throw new AppError('unavailable', 'libvirt is still busy with this VM.', { reason: 'HYPERVISOR_BUSY' })
    }
    if (await isMerging(deps.connection, vm, jobs)) {
      await finishJobs(deps, vm)
      return true
    }
    if (await flushPulled(deps, vm, entry)) return true
  }
  if (entry.pauses) await letGoOn(deps, vm.vmId)
  return entry.pauses
}

/** libvirt writes a chain that it knows into the inactive definition, and would not start it without any of the files. */
async function forgetBackings({ connection }: ReclaimDeps, { dom, inactiveXml }: VmState): Promise<void> {
  if (withoutBackingStores(inactiveXml) !== inactiveXml) await redefine(connection, dom, withoutBackingStores)
}

/** Unlinks what nothing needs: the rest of what was seen stays true. */
async function removeUnused({ pool }: ReclaimDeps, view: ReclaimView): Promise<ReclaimView> {
  for (const file of view.spareFiles) await pool.remove(file)
  const volumes = new Map(view.volumes)
  let { files } = view
  for (let action = planReclaim(files); action?.kind === 'unlink'; action = planReclaim(files)) {
    const { file } = action
    await pool.remove(file)
    volumes.delete(file)
    files = files.filter(({ name }) => name !== file)
  }
  return { ...view, files, volumes }
}

/** Does the next thing; resolves to whether there was one. */
async function act(deps: ReclaimDeps, view: ReclaimView, turn: Turn): Promise<boolean> {
  const completed = view.completed.find(({ child }) => view.files.some(({ backing }) => backing === child))
  if (completed) {
    await moveOverlays(deps, view, completed)
    return true
  }
  const action = planReclaim(view.files)
  if (!action || action.kind === 'unlink') return false
  await merge(deps, view, action, turn)
  return true
}

async function merge(deps: ReclaimDeps, view: ReclaimView, action: MergeAction, turn: Turn): Promise<void> {
  const source = view.files.find(({ name }) => name === (action.kind === 'pull' ? action.parent : action.child))
  const bytes = source?.allocatedBytes ?? 0
  if (!view.begun(action)) await requireSpace(deps.pool, bytes)
  if (!source?.open) {
    const { vmId } = view.vm
    await deps.reclaims.addMerge(vmId, { ...action, kind: action.kind === 'pull' ? 'pull' : 'stopped' })
    await mergeStopped(deps, view, action, bytes)
    await deps.reclaims.forget(vmId, ({ kind, child }) => kind === 'pull' && child === action.child)
  } else {
    const job = JSON.stringify(action)
    if (turn.jobOf === job) {
      await requireSpace(deps.pool, bytes)
      throw new AppError('internal', 'QEMU gave up merging files of the VM’s disks.', { reason: 'HYPERVISOR_ERROR' })
    }
    await startMerge(deps, view, action)
    turn.jobOf = job
    await finishJobs(deps, view.vm)
  }
  turn.copiedBytes += bytes
}

/**
 * Throws `resource_exhausted` before a merge that could fill the disk under every VM of the node. One that has begun has
 * taken its space: to end it gives that back.
 */
async function requireSpace(pool: StoragePool, bytes: number): Promise<void> {
  const free = await pool.freeBytes()
  if (free === null || free >= bytes) return
  const mib = (count: number) => `${Math.ceil(count / 2 ** 20)} MiB`
  throw new AppError(
    'resource_exhausted',
    `Merging the files of the VM’s disks takes up to ${mib(bytes)} for a moment, and the node has ${mib(free)} left. Free some, then try again.`,
    { reason: 'NODE_DISK_FULL' },
  )
}

const volumesOf = ({ keep }: ReclaimRequest): string[] => keep.flatMap(({ disks }) => disks.map(({ volume }) => volume))

const movedVolumes = (request: ReclaimRequest, view: ReclaimView): Reclaimed['moved'] =>
  [...new Set(volumesOf(request))]
    .map((from) => ({ from, to: view.contentOf(from) }))
    .filter(({ from, to }) => from !== to)

/** A merge is remembered until the rows have followed it, and the file that was left over is gone. */
async function forgetMerges(
  { reclaims }: ReclaimDeps,
  request: ReclaimRequest,
  { volumes }: ReclaimView,
): Promise<void> {
  const named = new Set(volumesOf(request))
  await reclaims.forget(request.vmId, ({ child, parent }) =>
    volumes.has(child) ? !volumes.has(parent) : !named.has(child),
  )
}

const allocatedBytes = ({ volumes }: ReclaimView): number =>
  [...volumes.values()].reduce((sum, { allocationBytes }) => sum + allocationBytes, 0)
