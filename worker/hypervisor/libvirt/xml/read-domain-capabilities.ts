import { type CpuMode, cpuModes } from '#db/vm-spec.ts'
import { childrenOf, find, readXml } from './read.ts'

/** The CPU modes that libvirt says one virt type supports (https://libvirt.org/formatdomaincaps.html). */
export function readSupportedCpuModes(xml: string): Set<CpuMode> {
  const modes = childrenOf(find(readXml(xml), 'cpu'), 'mode')
    .filter((mode) => mode.attributes.get('supported') === 'yes')
    .map((mode) => mode.attributes.get('name'))
  return new Set(cpuModes.filter((mode) => modes.includes(mode)))
}
