import { AppError } from '#db/errors.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { quiesceErrors } from '../freeze/errors.ts'
import { frozenMountPoints } from '../freeze/file-systems.ts'
import { freeze, listFileSystems, requireThawed } from '../freeze/freeze.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import type { JournalEntry, SnapshotJournal } from './journal.ts'
import { refuseForState } from './refuse.ts'
import type { Settlements } from './settle.ts'
import type { VmState } from './state.ts'

interface Deps {
  /** Makes another connection to libvirt. */
  connect(): Promise<LibvirtConnection>
  journal: SnapshotJournal
  settlements: Settlements
}

type Quiesce = NonNullable<SnapshotRequest['quiesce']>

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
  // A connection of its own: what libvirtd has not read of it when it is closed will not freeze the guest later.
  const connection = await deps.connect()
  try {
    const obstacle = await guestsError(async () => {
      refuseForState(vm, { ...request, quiesce: { ...quiesce, policy: 'require' } })
      await requireThawed(connection, vm.dom)
      await requireNoneUnsettled(deps.journal, vm.vmId)
    })
    if (!obstacle) return await freezeGuest(deps, connection, vm.dom, quiesce, planned)
    if (quiesce.policy === 'require') throw obstacle
    const crashConsistent = { ...planned, notice: noticeOf(obstacle) }
    await deps.journal.write(crashConsistent)
    return crashConsistent
  } finally {
    connection.close()
  }
}

async function freezeGuest(
  { journal, settlements }: Deps,
  connection: LibvirtConnection,
  dom: Domain,
  { policy, timeoutSeconds }: Quiesce,
  planned: JournalEntry,
): Promise<JournalEntry> {
  const mounted = await listFileSystems(connection, dom)
  const askedAt = Date.now()
  const asking = {
    domainId: dom.id,
    deadlineAt: new Date(askedAt + timeoutSeconds * msPerSecond).toISOString(),
    askedAt: new Date(askedAt).toISOString(),
    frozenAt: null,
    fileSystems: [],
    takenAt: null,
    thawedAt: null,
  }
  const entry: JournalEntry = { ...planned, settled: false, freeze: asking }
  await journal.write(entry)
  settlements.settleByDeadline(entry)
  let frozen = entry
  const obstacle = await guestsError(async () => {
    const count = await freeze(connection, dom, timeoutSeconds)
    if (Date.now() > Date.parse(asking.deadlineAt)) throw quiesceErrors.freezeTooSlow(timeoutSeconds)
    const fileSystems = frozenMountPoints(mounted, count)
    frozen = { ...entry, freeze: { ...asking, frozenAt: new Date().toISOString(), fileSystems } }
    await journal.write(frozen)
  }).catch(async (error) => {
    await settlements.settle(entry)
    throw error
  })
  if (!obstacle) return frozen
  const failed = policy === 'prefer' ? { ...entry, notice: noticeOf(obstacle) } : entry
  // A freeze that failed may have happened, or happen later; unless it was somebody else's.
  const isOthers = obstacle.reason === 'GUEST_ALREADY_FROZEN'
  const settled = isOthers ? await settlements.forget(failed) : await settlements.settle(failed)
  if (policy === 'require') throw obstacle
  return settled
}

/** A guest that was not seen thawed since may still get there: its agent would take one freeze for the other. */
export async function requireNoneUnsettled(journal: SnapshotJournal, vmId: string): Promise<void> {
  const unsettled = await journal.listUnsettled(vmId)
  if (unsettled.some(({ freeze }) => freeze !== null)) throw quiesceErrors.notThawed()
}

/** What the guest is the reason of, not the node: then a crash-consistent snapshot is possible. */
async function guestsError(work: () => Promise<void>): Promise<AppError | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (error instanceof AppError && error.code !== 'unavailable') return error
    throw error
  }
}

const noticeOf = (error: AppError): string =>
  `The snapshot is crash-consistent, as after a power cut: the guest was not frozen. ${error.message}`
