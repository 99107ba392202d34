import type { SnapshotRequest, SnapshotTaken } from '#worker/hypervisor/snapshot-calls.ts'
import { quiesceErrors } from '../freeze/errors.ts'
import type { Holds } from '../freeze/holds.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { clearAbandoned } from './abandoned.ts'
import { type CheckDeps, requireSoundDisks } from './check-disks.ts'
import { readOverlaysMax } from './depth.ts'
import type { JournalEntry, SnapshotJournal } from './journal.ts'
import { keepNvram } from './nvram.ts'
import { prepare } from './quiesce.ts'
import { refuseDepth, refuseForState, refuseRequest } from './refuse.ts'
import { type Settlements, settleWithinMs } from './settle.ts'
import { readVmState, type VmState } from './state.ts'
import { takeActive, takeStopped } from './take.ts'
import { describeTaken, isTaken } from './taken.ts'
import { labelUnderHold, prepareUnderHold } from './under-hold.ts'
import type { VmVolumes } from './volumes.ts'

export interface SnapshotDeps extends CheckDeps {
  connect(): Promise<LibvirtConnection>
  /** For the calls that wait for the guest or for its disks. */
  slowConnection: LibvirtConnection
  journal: SnapshotJournal
  settlements: Settlements
}

export interface CreateDeps extends SnapshotDeps {
  holds: Holds
}

/**
 * Takes a snapshot, or finds the one that an earlier attempt took. Every file is named by the snapshot's id, and what
 * it will be stands in the journal before it is taken: an attempt that was cut off anywhere can be made again.
 */
export async function createSnapshot(deps: CreateDeps, request: SnapshotRequest): Promise<SnapshotTaken> {
  refuseRequest(request)
  const { connection, pool, journal, settlements } = deps
  const { vmId, snapshotId } = request
  await settlements.settleVm(vmId)
  const [sound, earlier, overlaysMax, freeBytes] = await Promise.all([
    requireSoundDisks(deps, vmId),
    journal.read(vmId, snapshotId),
    readOverlaysMax(connection),
    pool.freeBytes(),
  ])
  const { vm } = sound
  if (await isTaken(deps, vm, snapshotId)) return describe(deps, vm, request, earlier ?? planned(vm, request))

  const volumes = await clearAbandoned(deps, sound, snapshotId)
  const room = { memoryMib: vm.live.memoryMib, freeBytes }
  refuseForState({ ...vm, room }, { ...request, quiesce: null })
  refuseDepth(vm, volumes, overlaysMax)
  await keepNvram(pool, vm, snapshotId)

  const plan = planned(vm, request)
  const underHold = await prepareUnderHold(deps, request, plan)
  const entry = underHold?.entry ?? (await prepare(deps, vm, request, plan))
  const failure = await take(deps, vm, entry, volumes).then(
    () => null,
    (error: unknown) => ({ error }),
  )
  const settled =
    underHold && !failure
      ? await labelUnderHold(deps, underHold)
      : await settlements.settle(failure ? entry : takenNow(entry), thawWithinMs(entry))
  // A call that failed may have happened.
  if (failure && !(await isTaken(deps, await readVmState(connection, pool, vmId), snapshotId))) throw failure.error
  return describe(deps, vm, request, settled)
}

const take = (
  deps: SnapshotDeps,
  vm: VmState,
  { snapshotId, kind }: JournalEntry,
  volumes: VmVolumes,
): Promise<void> =>
  vm.state === 'STOPPED'
    ? takeStopped(deps, vm, snapshotId, volumes)
    : takeActive(deps, vm, snapshotId, kind === 'memory')

const takenNow = (entry: JournalEntry): JournalEntry => ({
  ...entry,
  freeze: entry.freeze && { ...entry.freeze, takenAt: new Date().toISOString() },
})

/** The one deadline of freeze, snapshot and thaw; a moment more for a guest that is late, none for one that did not freeze. */
const thawWithinMs = ({ freeze }: JournalEntry): number =>
  freeze?.frozenAt ? Math.max(settleWithinMs, Date.parse(freeze.deadlineAt) - Date.now()) : 0

async function describe(
  deps: SnapshotDeps,
  { dom }: VmState,
  { quiesce }: SnapshotRequest,
  entry: JournalEntry,
): Promise<SnapshotTaken> {
  if (quiesce && entry.kind === 'disk-only' && entry.consistency !== 'quiesced') {
    if (quiesce.policy === 'require') throw quiesceErrors.thawedTooEarly()
    return describeTaken(deps, dom, { ...entry, notice: entry.notice ?? quiesceErrors.thawedTooEarly().message })
  }
  return describeTaken(deps, dom, entry)
}

const consistencyOf = { memory: 'memory', 'disk-only': 'crash', offline: 'offline' } as const

/** What a snapshot of the VM as it is now would be. */
function planned(vm: VmState, { vmId, snapshotId, includeMemory }: SnapshotRequest): JournalEntry {
  const kind = vm.state === 'STOPPED' ? 'offline' : includeMemory ? 'memory' : 'disk-only'
  const pauses = kind === 'memory' && vm.state === 'RUNNING'
  return {
    vmId,
    snapshotId,
    kind,
    consistency: consistencyOf[kind],
    notice: null,
    effectiveCpu: vm.state === 'STOPPED' ? null : vm.live.cpu,
    freeze: null,
    pauses,
    settled: !pauses,
  }
}
