import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import { isSentinel } from './sentinels.ts'
import type { SimulatedVm } from './state.ts'

/** The CPU as libvirt would show it in the live definition. */
export function runningCpu({ running, definition }: SimulatedVm): CpuFacts {
  const { spec, tscFrequencyHz } = running ?? definition
  return {
    mode: spec.cpuMode === 'host-model' ? 'custom' : spec.cpuMode,
    migratable: spec.cpuMode === 'host-passthrough' ? 'off' : null,
    invtscPolicy: spec.cpu.features.findLast(({ name }) => name === 'invtsc')?.policy ?? null,
    tscFrequencyHz,
  }
}

/** Whether the guest has an agent that answers. */
export const hasAgent = ({ definition }: SimulatedVm): boolean => !isSentinel(definition.name, 'hasNoAgent')
