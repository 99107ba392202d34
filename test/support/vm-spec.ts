import { randomUUID } from 'node:crypto'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'

/** The smallest VM, of one disk and no network, but for what the test cares about. */
export const aSpec = (spec: Partial<VmSpec> = {}): VmSpec => ({
  cpuMode: 'host-model',
  cpu: { cores: 1, sockets: 1, threadsPerCore: 1, features: [] },
  memory: { sizeMib: 64 },
  disks: [{ sizeGib: 1 }],
  cdroms: [],
  nics: [],
  ...spec,
})

/** A VM as a hypervisor is told of it. */
export function aDefinition({
  spec,
  ...parts
}: Partial<Omit<VmDefinition, 'spec'>> & { spec?: Partial<VmSpec> } = {}): VmDefinition {
  const vmId = parts.vmId ?? randomUUID()
  return { vmId, name: `vm-${vmId.slice(0, 8)}`, description: '', tscFrequencyHz: null, ...parts, spec: aSpec(spec) }
}

/** A VM as its node's hypervisor is told of it by its row. */
export const definitionOf = ({
  id,
  name,
  description,
  spec,
  tscFrequencyHz,
}: Pick<VmRow, 'id' | 'name' | 'description' | 'spec' | 'tscFrequencyHz'>): VmDefinition => ({
  vmId: id,
  name,
  description,
  spec,
  tscFrequencyHz,
})
