import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '#db/errors.ts'
import type { DiskProblem } from '#db/schema/vm.ts'
import type { DiskCheckRequest, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { isOfDisk } from '#worker/hypervisor/storage-names.ts'
import { findDomain, vmNotOnNode } from '../domain.ts'
import { findLostQemu } from '../lost-qemu.ts'
import type { Log } from '../options.ts'
import { redefine } from '../redefine.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { ErrorCode } from '../rpc/constants.gen.ts'
import { isLibvirtError, isNotFound } from '../rpc/errors.ts'
import type { StoragePool } from '../storage-pool.ts'
import { type DiskFile, withDiskFiles } from '../xml/disk-sources.ts'
import { closeOrphans } from './close-orphans.ts'
import { type DiskView, type DiskViews, readDiskViews } from './disk-views.ts'
import { hasStopped } from './has-stopped.ts'
import { healSplit } from './heal-split.ts'
import { isQuiet } from './idle.ts'
import { judgeRunning, type Verdict } from './judge-disk.ts'
import type { Merge, ReclaimJournal } from './reclaim-journal.ts'
import { type VmState, vmStateOf } from './state.ts'
import { judgeStoppedDisks } from './stopped-disks.ts'
import { turnBack } from './turn-back.ts'
import { undoUnfinishedMerges } from './undo-merges.ts'
import { readVmVolumes, type VmVolumes } from './volumes.ts'

export interface CheckDeps {
  connection: LibvirtConnection
  pool: StoragePool
  reclaims: ReclaimJournal
  log: Log
}

/** Each round repairs all that it finds; a second one sees what the first uncovered. */
const maxRounds = 4

/** A VM whose disks are as they must be: everything that was read to see that. */
export interface SoundVm extends Pick<DiskViews, 'qemuDisks' | 'qemuNodes'> {
  vm: VmState
  volumes: VmVolumes
}

/**
 * Holds what QEMU writes to against the definitions and the snapshots, and repairs what differs. Throws `unavailable`
 * where they differ because somebody is at work on the VM.
 */
export async function checkDisks(deps: CheckDeps, request: DiskCheckRequest): Promise<DiskProblem | null> {
  const checked = await check(deps, request, (vmId) => readDiskViews(deps.connection, deps.pool, vmId))
  return checked && 'problem' in checked ? checked.problem : null
}

/**
 * Throws `failed_precondition` where the VM's disks are not as they must be, and cannot be repaired, or not all ours;
 * `not_found` without the VM.
 */
export async function requireSoundDisks(
  deps: CheckDeps,
  vmId: string,
  snapshots: readonly StoredSnapshot[] = [],
): Promise<SoundVm> {
  const { connection, pool } = deps
  const checked = await check(deps, { vmId, snapshots }, async () => {
    // At once: reading the files' heads takes as long as QEMU's answers.
    const [views, volumes] = await Promise.all([readDiskViews(connection, pool, vmId), readVmVolumes(pool, vmId)])
    return views && { ...views, volumes }
  })
  if (!checked) throw vmNotOnNode()
  if ('problem' in checked) {
    throw new AppError('failed_precondition', checked.problem.message, { reason: checked.problem.reason })
  }
  const { definitions, qemuDisks, qemuNodes, volumes } = checked
  return { vm: vmStateOf(pool, vmId, definitions), qemuDisks, qemuNodes, volumes }
}

/** Null where libvirt has no such VM. */
type Checked<Views> = Views | { problem: DiskProblem } | null

/** Looks with `read`, repairs, and looks again, until everything agrees. Resolves to what was read last. */
async function check<Views extends DiskViews>(
  deps: CheckDeps,
  { vmId, snapshots }: DiskCheckRequest,
  read: (vmId: string) => Promise<Views | null>,
): Promise<Checked<Views>> {
  for (let round = 0; round < maxRounds; round++) {
    try {
      const result = await checkOnce(deps, await read(vmId), snapshots)
      if (result !== 'again') return result
    } catch (error) {
      // Removed meanwhile.
      if (isNotFound(error)) return null
      if (!isLibvirtError(error)) throw error
      // Stopped or started meanwhile.
      if (error.code === ErrorCode.OPERATION_INVALID) continue
      const dom = await findDomain(deps.connection, vmId)
      if (dom && !(await hasStopped(deps.connection, dom))) throw error
    }
  }
  throw new AppError('unavailable', "Somebody else changes the VM's disks.", { reason: 'HYPERVISOR_BUSY' })
}

async function checkOnce<Views extends DiskViews>(
  deps: CheckDeps,
  vm: Views | null,
  snapshots: readonly StoredSnapshot[],
): Promise<Checked<Views> | 'again'> {
  const { connection, pool } = deps
  if (!vm) return null
  const { vmId } = vm
  if (!vm.running) {
    const problem = await findLostQemu(deps, vmId)
    if (problem) return { problem }
    if (await undoUnfinishedMerges(deps, vmId)) return 'again'
  }
  const judged = await judge(deps, vm, snapshots)
  if (judged.every(({ verdict }) => verdict.kind === 'agrees')) {
    return vm.running && (await closeOrphans(deps, vm, snapshots)) ? 'again' : vm
  }
  if (vm.running && !(await isQuiet(connection, vm.definitions.dom))) {
    throw new AppError('unavailable', 'libvirt or QEMU is still busy with this VM.', { reason: 'HYPERVISOR_BUSY' })
  }
  // What was read in the middle of somebody's work has changed by now.
  const now = await readDiskViews(connection, pool, vmId)
  if (now?.running !== vm.running || !isDeepStrictEqual(now.disks, vm.disks)) return 'again'

  for (const { verdict } of judged) if (verdict.kind === 'problem') return { problem: verdict.problem }
  for (const { disk, verdict } of judged) {
    const failed = verdict.kind === 'commit' && (await merge(deps, vm, disk, verdict.into))
    if (failed) return { problem: failed }
    if (verdict.kind === 'turn-back') await turnBack(deps, now, disk)
    if (verdict.kind === 'remove') await removeLeftOver(deps, vm, verdict.file)
  }
  const changes = judged.flatMap(({ disk: { target }, verdict }) =>
    verdict.kind === 'redefine' ? [{ target, path: verdict.to }] : [],
  )
  if (changes.length > 0) await takeLastWrites(deps, now, changes)
  return 'again'
}

interface Judged {
  disk: DiskView
  verdict: Verdict
}

async function judge(deps: CheckDeps, vm: DiskViews, snapshots: readonly StoredSnapshot[]): Promise<Judged[]> {
  const { pool, reclaims } = deps
  if (!vm.running) return judgeStoppedDisks(deps, vm, snapshots)
  // Only a guest that stands still for our sake has written nothing since a merge.
  const { pauses, merges } =
    vm.definitions.state === 'PAUSED' ? await reclaims.read(vm.vmId) : { pauses: false, merges: [] }
  const isSame = (child: string, parent: string) => pauses && merges.some((merge) => isTopMerge(merge, child, parent))
  return vm.disks.map((disk) => {
    const isOwn = (file: string) =>
      path.dirname(file) === pool.directory && isOfDisk(path.basename(file), vm.vmId, disk.target)
    return { disk, verdict: judgeRunning(disk, snapshots, isOwn, isSame) }
  })
}

const isTopMerge = ({ kind, child, parent }: Merge, childFile: string, parentFile: string): boolean =>
  kind === 'top' && child === path.basename(childFile) && parent === path.basename(parentFile)

/** Resolves to what stands in the way. */
async function merge(
  { connection, log }: CheckDeps,
  { vmId, definitions: { dom } }: DiskViews,
  { target, open }: DiskView,
  known: string,
): Promise<DiskProblem | null> {
  if (!open) return null
  const written = open.chain[0]
  log.warn({ vm: { id: vmId }, disk: { target, written, known } }, 'QEMU writes to an unknown overlay; merging it')
  try {
    await healSplit(connection, dom, open.nodeName, known)
    return null
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable') throw error
    const message = `QEMU writes disk ${target} to ${written}, libvirt knows ${known}, and merging them fails: ${error.message}`
    return { reason: 'DISKS_OUT_OF_STEP', message }
  }
}

async function removeLeftOver({ pool, log }: CheckDeps, { vmId }: DiskViews, file: string): Promise<void> {
  log.warn({ vm: { id: vmId }, file }, 'an overlay holds nothing that its disk does not hold; removing it')
  await pool.remove(path.basename(file))
}

/** libvirt writes the definition of the next start last. */
async function takeLastWrites(
  { connection, log }: CheckDeps,
  { vmId, definitions }: DiskViews,
  changes: DiskFile[],
): Promise<void> {
  log.warn({ vm: { id: vmId }, disks: changes }, 'the next start would have missed the last writes; redefining')
  await redefine(connection, definitions.dom, (xml) => withDiskFiles(xml, changes))
}
