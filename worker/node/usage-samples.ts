import type { Database } from '#db/client.ts'
import { findSettledVms } from '#db/observed-state.ts'
import type { Claimant } from '#db/operations/claim.ts'
import { recordUsage } from '#db/vm-reports.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { withinDeadline } from '#worker/repeat.ts'
import { type Sample, usageOf } from './usage-of.ts'

interface UsageSamplesDependencies {
  db: Database
  hypervisor: Pick<Hypervisor, 'measureVms'>
  claimant: Claimant
}

/** A QEMU that does not answer holds up one sample; from then on its VM is left out. */
const timeoutMs = 20_000

/** Samples what the node's VMs use, and writes it down. A VM on which an operation is at work is left alone. */
export function createUsageSamples({ db, hypervisor, claimant }: UsageSamplesDependencies): { take(): Promise<void> } {
  let before = new Map<string, Sample>()
  return {
    async take() {
      const rows = await findSettledVms(db, claimant.nodeId)
      const idle = rows.filter(({ busy, state }) => !busy && (state === 'RUNNING' || state === 'PAUSED'))
      const measured = await withinDeadline(hypervisor.measureVms(idle.map(({ id }) => id)), timeoutMs)
      const atMs = performance.now()
      const on = new Set(rows.filter(({ runId }) => runId !== null).map(({ id }) => id))
      const samples = new Map([...before].filter(([vmId]) => on.has(vmId)))
      const all = measured.flatMap(({ counters }) => counters ?? [])
      const reports = all.map((counters) => {
        const { vmId, runId } = counters
        const now = { counters, atMs }
        samples.set(vmId, now)
        return { vmId, runId, usage: usageOf(now, before.get(vmId)) }
      })
      before = samples
      await recordUsage(db, claimant, reports)
    },
  }
}
