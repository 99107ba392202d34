import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'

/** The CPU as libvirt would show it in the live definition. */
export const runningCpu = ({ spec }: Pick<VmDefinition, 'spec'>): CpuFacts => ({
  mode: spec.cpuMode === 'host-model' ? 'custom' : 'host-passthrough',
  migratable: spec.cpuMode === 'host-passthrough' ? 'off' : null,
  invtscPolicy: spec.cpu.features.findLast(({ name }) => name === 'invtsc')?.policy ?? null,
  tscFrequencyHz: null,
})
