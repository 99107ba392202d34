import { type CpuMode, cpuModes } from '#db/vm-spec.ts'
import { childrenOf, find, readXml } from './read.ts'

/** The CPU modes that libvirt says one virt type supports (https://libvirt.org/formatdomaincaps.html). */
export function readSupportedCpuModes(xml: string): Set<CpuMode> {
  const modes = childrenOf(find(readXml(xml), 'cpu'), 'mode')
    .filter((mode) => mode.attributes.get('supported') === 'yes')
    .map((mode) => mode.attributes.get('name'))
  return new Set(cpuModes.filter((mode) => modes.includes(mode)))
}

/** Whether libvirt finds a UEFI build for such domains by itself. */
export const readHasUefi = (xml: string): boolean =>
  childrenOf(find(readXml(xml), 'os'), 'enum')
    .filter((list) => list.attributes.get('name') === 'firmware')
    .some((list) => childrenOf(list, 'value').some(({ text }) => text === 'efi'))
