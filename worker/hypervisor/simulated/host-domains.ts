import { randomUUID } from 'node:crypto'
import type { HostDomain } from '#worker/hypervisor/host-domain.ts'
import type { RunState, VmDefinition } from '#worker/hypervisor/port.ts'
import { newVm } from './define.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedCalls } from './options.ts'
import type { SimulatedVm } from './state.ts'

/** What a domain is that others made, beside what our own VMs are. */
export type MadeByOthers = Pick<
  HostDomain,
  'persistent' | 'autostart' | 'managedSave' | 'hasSnapshots' | 'unmanaged' | 'drives' | 'writesTo' | 'sharesDiskWith'
>

export type ForeignDomain = Partial<MadeByOthers> & { state?: RunState; definition: VmDefinition }

/** What our own VMs are. */
const ours: MadeByOthers = {
  persistent: true,
  autostart: false,
  managedSave: false,
  hasSnapshots: false,
  unmanaged: { devices: [], disks: [] },
  drives: [],
  writesTo: [],
  sharesDiskWith: [],
}

/** What runs beside our VMs. */
export const hostDomainCalls = ({ state }: SimulatedNode) =>
  ({
    listHostDomains: async (except) =>
      Object.values(state.vms)
        .filter(({ definition }) => !except.has(definition.vmId))
        .map(hostDomain),
    async readHostDomain(domainId) {
      const vm = state.vms[domainId]
      return vm ? hostDomain(vm) : null
    },
  }) satisfies Partial<SimulatedCalls>

const hostDomain = ({ definition, state, madeByOthers = ours }: SimulatedVm): HostDomain => ({
  ...madeByOthers,
  id: definition.vmId,
  name: definition.name,
  description: definition.description,
  spec: definition.spec,
  tscFrequencyHz: definition.tscFrequencyHz,
  state,
})

/** A domain as others make it: each of its disks is a file of theirs. */
export function foreignVm({ definition, state = 'STOPPED', ...parts }: ForeignDomain): SimulatedVm {
  const { disks } = definition.spec
  const madeByOthers: MadeByOthers = {
    ...ours,
    unmanaged: { devices: [], disks: disks.map(({ target }) => target) },
    drives: disks.map(({ target, bus }) => ({
      target,
      device: 'disk',
      bus,
      format: 'qcow2',
      source: 'file',
      name: `${definition.name}-${target}.qcow2`,
    })),
    writesTo: disks.map(({ target }) => `/srv/${randomUUID()}/${target}.qcow2`),
    ...parts,
  }
  const isOn = state !== 'STOPPED'
  return {
    ...newVm(definition),
    state,
    running: isOn ? definition : null,
    starts: isOn ? 1 : 0,
    disks: [],
    madeByOthers,
  }
}
