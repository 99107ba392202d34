import { type CpuFeature, maxVcpusOf, type VmCpuMode, type VmSpec, vcpusOf } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

/** https://libvirt.org/formatdomain.html#cpu-model-and-topology */
const modeAttributes = {
  'host-model': { '@mode': 'host-model', '@check': 'partial' },
  // migratable='off' gives the guest every feature of the host, invtsc among them.
  'host-passthrough': { '@mode': 'host-passthrough', '@check': 'none', '@migratable': 'off' },
  // Of VMs that others made: these are compared with another rendering, and never defined.
  maximum: { '@mode': 'maximum' },
  // With what no other mode has.
  custom: { '@mode': 'custom', '@match': 'exact', model: {}, vendor: {} },
} as const satisfies Record<VmCpuMode, XmlObject>

export interface CpuParameters {
  mode: VmCpuMode
  topology: Pick<VmSpec['cpu'], 'cores' | 'maxCores' | 'sockets' | 'threadsPerCore'>
  features: readonly CpuFeature[]
}

export const cpu = ({ mode, topology, features }: CpuParameters): XmlObject => ({
  ...modeAttributes[mode],
  topology: {
    '@sockets': topology.sockets,
    // libvirt counts the cores of one socket.
    '@cores': (topology.maxCores ?? topology.cores) / topology.sockets,
    '@threads': topology.threadsPerCore,
  },
  feature: features.map(({ name, policy }) => ({ '@policy': policy, '@name': name })),
})

/** Those that are there from the start, of those that there can be. */
export const vcpu = (spec: VmSpec['cpu']): XmlObject => ({
  '@current': vcpusOf(spec) === maxVcpusOf(spec) ? undefined : vcpusOf(spec),
  '#': maxVcpusOf(spec),
})

/** One policy for each feature: a later layer wins over an earlier one. */
export function mergeCpuFeatures(...layers: readonly (readonly CpuFeature[])[]): CpuFeature[] {
  const policies = new Map(layers.flat().map(({ name, policy }) => [name, policy]))
  return [...policies].map(([name, policy]) => ({ name, policy }))
}
