import { randomUUID } from 'node:crypto'
import { completeSpec, type VmSpecRequest } from '#db/complete-spec.ts'
import { newMac } from '#db/new-mac.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'

/** What a test says of a VM; what it leaves out is filled in as for a user. */
export type SpecParts = Partial<VmSpecRequest>

/** The smallest VM, of one disk and no network, but for what the test cares about. */
export const aSpec = (parts: SpecParts = {}): VmSpec =>
  completeSpec({ cpu: { cores: 1 }, memory: { sizeMib: 64 }, disks: [{ sizeGib: 1 }], ...parts }, newMac)

/** A VM as a hypervisor is told of it. */
export function aDefinition({
  spec,
  ...parts
}: Partial<Omit<VmDefinition, 'spec'>> & { spec?: SpecParts } = {}): VmDefinition {
  const vmId = parts.vmId ?? randomUUID()
  return {
    vmId,
    name: `vm-${vmId.slice(0, 8)}`,
    description: '',
    tscFrequencyHz: null,
    displayPassword: null,
    ...parts,
    spec: aSpec(spec),
  }
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
  displayPassword: null,
})
