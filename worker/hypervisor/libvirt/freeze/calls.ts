import type { AgentCalls } from '#worker/hypervisor/agent-calls.ts'
import { requireDomain } from '../domain.ts'
import type { Guard } from '../guard.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { SnapshotJournal } from '../snapshot/journal.ts'
import { requireNoneUnsettled } from '../snapshot/quiesce.ts'
import type { Settlements } from '../snapshot/settle.ts'
import { holdErrors } from './hold-errors.ts'
import type { Holds } from './holds.ts'
import { type QuiesceDeps, quiesceFilesystems, thawFilesystems } from './quiesce.ts'

interface Deps extends Omit<QuiesceDeps, 'requireSettled'> {
  connection: LibvirtConnection
  journal: SnapshotJournal
  settlements: Settlements
}

/** The calls that freeze and thaw a guest. A freeze has the VM alone; a thaw waits for nobody. */
export function quiesceCalls(
  deps: Deps,
  { ofVm, alone }: { ofVm<T>(vmId: string, work: Promise<T>): Promise<T>; alone: Guard },
): Pick<AgentCalls, 'quiesceFilesystems' | 'thawFilesystems'> {
  async function requireSettled(vmId: string): Promise<void> {
    await deps.settlements.settleVm(vmId)
    await requireNoneUnsettled(deps.journal, vmId)
  }

  return {
    quiesceFilesystems(request, signal) {
      const cameAt = Date.now()
      return alone(request.vmId, () => quiesceFilesystems({ ...deps, requireSettled }, { ...request, cameAt }, signal))
    },
    thawFilesystems: (request) =>
      ofVm(
        request.vmId,
        requireDomain(deps.connection, request.vmId).then(() => thawFilesystems(deps.holds, request)),
      ),
  }
}

/** Throws `failed_precondition` for a guest that could not be thawed at its deadline while it stands still. */
export async function requireNotHeld(holds: Holds, vmId: string): Promise<void> {
  const hold = await holds.find(vmId)
  if (hold && holds.isStanding(hold)) throw holdErrors.isFrozen('A VM cannot be paused')
}
