import { AppError } from '#db/errors.ts'
import type { SnapshotRequest } from '#worker/hypervisor/port.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { freeze, listFileSystems, requireThawed } from './freeze.ts'
import { frozenMountPoints } from './frozen-file-systems.ts'
import type { JournalEntry, SnapshotJournal } from './journal.ts'
import { refuseForState } from './refuse.ts'
import type { Settlements } from './settle.ts'
import type { VmState } from './state.ts'

interface Deps {
  slowConnection: LibvirtConnection
  journal: SnapshotJournal
  settlements: Settlements
}

const msPerSecond = 1000

/**
 * Writes down what a snapshot is going to be, and freezes the guest for it where that is asked for. From the freeze on
 * one deadline holds: the guest is thawed then, whatever the snapshot is at. Resolves to what the journal says.
 * Throws `failed_precondition` where the guest cannot freeze and must; where freezing is only preferred, the entry says
 * in its notice why the snapshot is crash-consistent.
 */
export async function prepare(
  deps: Deps,
  vm: VmState,
  request: SnapshotRequest,
  planned: JournalEntry,
): Promise<JournalEntry> {
  const { quiesce } = request
  if (quiesce === null || planned.kind !== 'disk-only') {
    await deps.journal.write(planned)
    return planned
  }
  try {
    refuseForState(vm, { ...request, quiesce: { ...quiesce, policy: 'require' } })
    await requireThawed(deps.slowConnection, vm.dom)
    await requireNoneUnsettled(deps.journal, vm.vmId)
  } catch (error) {
    if (quiesce.policy === 'require' || !isOfGuest(error)) throw error
    const crashConsistent = { ...planned, notice: noticeOf(error) }
    await deps.journal.write(crashConsistent)
    return crashConsistent
  }
  return freezeGuest(deps, vm, quiesce, planned)
}

async function freezeGuest(
  { slowConnection, journal, settlements }: Deps,
  { dom }: VmState,
  { policy, timeoutSeconds }: NonNullable<SnapshotRequest['quiesce']>,
  planned: JournalEntry,
): Promise<JournalEntry> {
  const mounted = await listFileSystems(slowConnection, dom)
  const asked = Date.now()
  const asking = {
    domainId: dom.id,
    deadlineAt: new Date(asked + timeoutSeconds * msPerSecond).toISOString(),
    askedAt: new Date(asked).toISOString(),
    frozenAt: null,
    fileSystems: [],
    thawedAt: null,
  }
  const entry: JournalEntry = { ...planned, settled: false, freeze: asking }
  await journal.write(entry)
  settlements.settleByDeadline(entry)
  try {
    const count = await freeze(slowConnection, dom, timeoutSeconds)
    if (Date.now() > Date.parse(asking.deadlineAt)) throw overdue(timeoutSeconds)
    const fileSystems = frozenMountPoints(mounted, count)
    const frozen = { ...entry, freeze: { ...asking, frozenAt: new Date().toISOString(), fileSystems } }
    await journal.write(frozen)
    return frozen
  } catch (error) {
    const falls = policy === 'prefer' && isOfGuest(error)
    const failed = falls ? { ...entry, notice: noticeOf(error) } : entry
    const isOthers = error instanceof AppError && error.reason === 'GUEST_ALREADY_FROZEN'
    // A freeze that failed may have happened, or happen later.
    const settled = isOthers ? await settlements.forget(failed) : await settlements.settle(failed)
    if (!falls) throw error
    return settled
  }
}

/** A guest that was not seen thawed since may still get there: its agent would take one freeze for the other. */
async function requireNoneUnsettled(journal: SnapshotJournal, vmId: string): Promise<void> {
  const unsettled = await journal.listUnsettled(vmId)
  if (unsettled.every(({ freeze }) => freeze === null)) return
  throw new AppError(
    'failed_precondition',
    'The guest was frozen for an earlier snapshot and has not been seen thawed since: its node goes on thawing it. Look at qemu-guest-agent in the guest, or take the snapshot without quiesce.',
    { reason: 'GUEST_NOT_THAWED' },
  )
}

/** What the guest is the reason of, not the node: then a crash-consistent snapshot is possible. */
const isOfGuest = (error: unknown): error is AppError => error instanceof AppError && error.code !== 'unavailable'

const noticeOf = (error: AppError): string =>
  `The snapshot is crash-consistent, as after a power cut: the guest was not frozen. ${error.message}`

const overdue = (timeoutSeconds: number): AppError =>
  new AppError(
    'deadline_exceeded',
    `The guest took longer than ${timeoutSeconds} s to freeze its file systems. Ask for a longer quiesceTimeoutSeconds, take the snapshot with quiescePolicy "prefer", or without quiesce.`,
    { reason: 'GUEST_FREEZE_TIMED_OUT' },
  )
