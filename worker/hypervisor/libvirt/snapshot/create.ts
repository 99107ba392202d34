import type { SnapshotRequest, SnapshotTaken } from '#worker/hypervisor/port.ts'
import type { Log } from '../options.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { StoragePool } from '../storage-pool.ts'
import { clearAbandoned } from './abandoned.ts'
import { freeze, requireThawed } from './freeze.ts'
import type { JournalEntry, SnapshotJournal } from './journal.ts'
import { refuseDepth, refuseForState, refuseRequest } from './refuse.ts'
import { settle } from './settle.ts'
import { readVmState, type VmState } from './state.ts'
import { takeActive, takeStopped } from './take.ts'
import { describeTaken, isTaken } from './taken.ts'

export interface SnapshotDeps {
  connection: LibvirtConnection
  /** For the calls that wait for the guest or for its disks. */
  slowConnection: LibvirtConnection
  pool: StoragePool
  journal: SnapshotJournal
  log: Log
}

/**
 * Takes a snapshot, or finds the one that an earlier attempt took. Every file is named by the snapshot's id, and what
 * it will be stands in the journal before it is taken: an attempt that was cut off anywhere can be made again.
 */
export async function createSnapshot(deps: SnapshotDeps, request: SnapshotRequest): Promise<SnapshotTaken> {
  refuseRequest(request)
  const { connection, slowConnection, pool, journal } = deps
  const { vmId, snapshotId } = request
  const earlier = await settleEarlier(deps, request)
  const vm = await readVmState(connection, pool, vmId)
  if (await isTaken(deps, vm, snapshotId)) return describeTaken(deps, earlier ?? planned(vm, request))

  refuseForState(vm, request)
  const volumes = await clearAbandoned(deps, vm, snapshotId)
  refuseDepth(vm, volumes)
  const entry = planned(vm, request)
  if (entry.freezes) await requireThawed(slowConnection, vm.dom)

  await journal.write(entry)
  try {
    if (entry.freezes) await freeze(slowConnection, vm.dom)
    if (vm.state === 'STOPPED') await takeStopped(deps, vm, snapshotId, volumes)
    else await takeActive(deps, vm, snapshotId, entry.kind === 'memory')
  } catch (error) {
    // A call that failed may have happened.
    const taken = await isTaken(deps, await readVmState(connection, pool, vmId), snapshotId)
    if (!taken) {
      await settle(deps, entry)
      throw error
    }
  }
  return describeTaken(deps, await settle(deps, entry))
}

/** Thaws and wakes what earlier attempts left; resolves to what the journal says of this snapshot, null where it says nothing. */
async function settleEarlier(deps: SnapshotDeps, { vmId, snapshotId }: SnapshotRequest): Promise<JournalEntry | null> {
  for (const entry of await deps.journal.listUnsettled(vmId)) await settle(deps, entry)
  return deps.journal.read(vmId, snapshotId)
}

const consistencyOf = { memory: 'memory', 'disk-only': 'crash', offline: 'offline' } as const

/** What a snapshot of the VM as it is now would be. */
function planned(vm: VmState, { vmId, snapshotId, includeMemory, quiesce }: SnapshotRequest): JournalEntry {
  const kind = vm.state === 'STOPPED' ? 'offline' : includeMemory ? 'memory' : 'disk-only'
  const freezes = quiesce !== null && kind === 'disk-only'
  const pauses = kind === 'memory' && vm.state === 'RUNNING'
  return {
    vmId,
    snapshotId,
    kind,
    consistency: consistencyOf[kind],
    effectiveCpu: vm.state === 'STOPPED' ? null : vm.live.cpu,
    freezes,
    pauses,
    settled: !freezes && !pauses,
  }
}
