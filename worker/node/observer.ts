import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { findSettledVms, recordObservedState, type SettledVm } from '#db/observed-state.ts'
import type { Claimant } from '#db/operations/claim.ts'
import type { Hypervisor, VmObservation } from '#worker/hypervisor/port.ts'
import { observedVm } from '#worker/operations/observed-vm.ts'
import { unaskedChange } from './unasked.ts'

/** Brings the rows in line with what nobody asked for: a guest that shut down, an operator who worked past us. */
export interface Observer {
  /** Compares one VM with its row. Does nothing while an operation is at work on it. */
  check(vmId: string): Promise<void>
  checkAll(): Promise<void>
  /** Compares a VM again if a change was seen while an operation was at work on it. */
  operationEnded(vmId: string): Promise<void>
}

export interface ObserverDependencies {
  db: Database
  hypervisor: Hypervisor
  claimant: Claimant
  log: Logger
}

export function createObserver({ db, hypervisor, claimant, log }: ObserverDependencies): Observer {
  const missed = new Set<string>()

  async function check(vmId: string): Promise<void> {
    const [before] = await findSettledVms(db, claimant.nodeId, vmId)
    if (!before || !(await compare(before))) missed.add(vmId)
  }

  async function checkAgain(vmId: string): Promise<void> {
    const [before] = await findSettledVms(db, claimant.nodeId, vmId)
    if (before && !(await compare(before))) missed.add(vmId)
  }

  /** False when the row could not be corrected now. */
  async function compare(before: SettledVm): Promise<boolean> {
    const observed = await hypervisor.observeVm(before.id)
    const state = observed?.state ?? 'UNKNOWN'
    if (state === before.state) return compareAgent(before, observed)
    const unasked = unaskedChange(before, observed)
    // It passes by itself, and what follows is told of.
    if (!unasked) return true
    const { message, ...cause } = unasked
    const now = observedVm(observed, before, message)
    const written = await recordObservedState(db, claimant, before, now, cause)
    if (written) log.info({ vm: { id: before.id, from: before.state, to: state, ...cause } }, 'VM changed unasked')
    return written
  }

  /** Its guest agent comes and goes as the guest likes. */
  async function compareAgent(before: SettledVm, observed: VmObservation | null): Promise<boolean> {
    const guestAgentConnected = observed?.guestAgentConnected ?? null
    if (guestAgentConnected === before.guestAgentConnected) return true
    return recordObservedState(db, claimant, before, { guestAgentConnected })
  }

  return {
    check,
    async checkAll() {
      for (const before of await findSettledVms(db, claimant.nodeId)) await compare(before)
    },
    async operationEnded(vmId) {
      if (missed.delete(vmId)) await checkAgain(vmId)
    },
  }
}
