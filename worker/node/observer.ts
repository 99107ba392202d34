import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { recordReboot } from '#db/events.ts'
import { type Correction, findSettledVms, recordCorrections } from '#db/observed-state.ts'
import type { Claimant } from '#db/operations/claim.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { correctionOf } from './correction.ts'

/** Brings the rows in line with what nobody asked for: a guest that shut down, an operator who worked past us. */
export interface Observer {
  /** Compares one VM with its row. Does nothing while an operation is at work on it. */
  check(vmId: string): Promise<void>
  /** Compares all: of any number, the node and the database are asked a few times. */
  checkAll(): Promise<void>
  /** Compares a VM again if a change was seen while an operation was at work on it. */
  operationEnded(vmId: string): Promise<void>
  /** Writes down that a guest began anew, unless it was asked to. */
  rebooted(vmId: string): Promise<void>
}

export interface ObserverDependencies {
  db: Database
  hypervisor: Pick<Hypervisor, 'observeVm' | 'observeVms'>
  claimant: Claimant
  log: Logger
}

export function createObserver({ db, hypervisor, claimant, log }: ObserverDependencies): Observer {
  const missed = new Set<string>()

  async function check(vmId: string): Promise<void> {
    const [before] = await findSettledVms(db, claimant.nodeId, vmId)
    if (!before || before.busy) return void missed.add(vmId)
    const correction = correctionOf(before, await hypervisor.observeVm(vmId))
    if (correction && (await record([correction])) === 0) missed.add(vmId)
  }

  /** How many could be corrected now. */
  async function record(corrections: readonly Correction[]): Promise<number> {
    const written = new Set(await recordCorrections(db, claimant, corrections))
    for (const { before, now, cause } of corrections) {
      if (!cause || !written.has(before.id)) continue
      log.info({ vm: { id: before.id, from: before.state, to: now.state, ...cause } }, 'VM changed unasked')
    }
    return written.size
  }

  return {
    check,
    async checkAll() {
      // The rows first: one that changes while the node is asked is not written over.
      const rows = await findSettledVms(db, claimant.nodeId)
      const observed = new Map((await hypervisor.observeVms()).map((one) => [one.vmId, one]))
      const corrections = rows
        .filter(({ busy }) => !busy)
        .flatMap((before) => correctionOf(before, observed.get(before.id) ?? null) ?? [])
      if (corrections.length > 0) await record(corrections)
    },
    async operationEnded(vmId) {
      if (missed.delete(vmId)) await check(vmId)
    },
    rebooted: (vmId) => recordReboot(db, claimant, vmId),
  }
}
