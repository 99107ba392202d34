import { DeadlineError, withinDeadline } from '#db/deadline.ts'
import type { VmCounters } from '#worker/hypervisor/measurement.ts'
import type { Hypervisor, VmObservation } from '#worker/hypervisor/port.ts'
import { type Sample, usageOf } from '#worker/node/usage-of.ts'

/** A VM as it is, and what it uses. */
export interface MeasuredVm extends Omit<VmObservation, 'definedOnNode'> {
  /** Null while it is stopped, and where nothing was counted yet. */
  usage: VmUse | null
}

export interface VmUse {
  /** Of one logical processor; null until there are two samples. */
  cpuPercent: number | null
  /** The last that were read of the run. */
  counters: VmCounters
}

/** Looks at VMs, and remembers how much processor time they had used. */
export interface VmMeter {
  /** Those of the VMs that the node has, by id. */
  measure(vmIds: readonly string[]): Promise<Map<string, MeasuredVm>>
}

/** Processor time is counted in hundredths of a second: over less than this, a share of it is noise. */
export const minSpanMs = 500
/** Who asks again after a longer time learns nothing of how it is now from the mean since then. */
const maxSpanMs = 600_000
/** A QEMU that does not answer is waited for once; from then on it is left out by itself. */
const patienceMs = 2000

interface Known {
  cpuPercent: number | null
  sample: Sample
}

/** `now` is a clock that only goes forwards, ms. */
export function createVmMeter(
  hypervisor: Pick<Hypervisor, 'measureVms' | 'observeVms'>,
  now: () => number = () => performance.now(),
): VmMeter {
  const known = new Map<string, Known>()

  /** Without what they use where that is not to be had in time. */
  async function look(vmIds: readonly string[]) {
    try {
      return await withinDeadline(hypervisor.measureVms(vmIds), patienceMs)
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error
      const wanted = new Set(vmIds)
      const observed = await hypervisor.observeVms()
      return observed.filter(({ vmId }) => wanted.has(vmId)).map((vm) => ({ ...vm, counters: null }))
    }
  }

  function useOf(vmId: string, runId: string | null, counters: VmCounters | null, atMs: number): VmUse | null {
    const before = known.get(vmId)
    const ofThisRun = before?.sample.counters.runId === runId ? before : undefined
    if (!counters) return ofThisRun ? { cpuPercent: ofThisRun.cpuPercent, counters: ofThisRun.sample.counters } : null
    if (ofThisRun && atMs - ofThisRun.sample.atMs < minSpanMs) return { cpuPercent: ofThisRun.cpuPercent, counters }
    const sample = { counters, atMs }
    const { percent } = usageOf(sample, ofThisRun?.sample).cpu
    const cpuPercent = percent === null ? null : percent * counters.vcpus
    known.set(vmId, { cpuPercent, sample })
    return { cpuPercent, counters }
  }

  return {
    async measure(vmIds) {
      const found = await look(vmIds)
      const atMs = now()
      for (const [vmId, { sample }] of known) if (atMs - sample.atMs > maxSpanMs) known.delete(vmId)
      return new Map(
        found.map(({ counters, ...vm }) => [vm.vmId, { ...vm, usage: useOf(vm.vmId, vm.runId, counters, atMs) }]),
      )
    },
  }
}
