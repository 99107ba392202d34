import { type CpuMode, cpuModes } from '#db/vm-spec.ts'
import { childrenOf, find, readXml, type XmlElement } from './read.ts'

/** The CPU modes that libvirt says one virt type supports (https://libvirt.org/formatdomaincaps.html). */
export function readSupportedCpuModes(xml: string): Set<CpuMode> {
  const modes = childrenOf(find(readXml(xml), 'cpu'), 'mode')
    .filter((mode) => mode.attributes.get('supported') === 'yes')
    .map((mode) => mode.attributes.get('name'))
  return new Set(cpuModes.filter((mode) => modes.includes(mode)))
}

/** What machines libvirt can make by itself. */
export interface MachineSupport {
  uefi: boolean
  secureBoot: boolean
  /** An emulated one. */
  tpm: boolean
}

export function readMachineSupport(xml: string): MachineSupport {
  const capabilities = readXml(xml)
  const os = find(capabilities, 'os')
  return {
    uefi: offers(os, 'firmware', 'efi'),
    secureBoot: offers(find(os, 'loader'), 'secure', 'yes'),
    tpm: offers(find(capabilities, 'devices', 'tpm'), 'backendModel', 'emulator'),
  }
}

const offers = (parent: XmlElement | undefined, list: string, value: string): boolean =>
  childrenOf(parent, 'enum')
    .filter(({ attributes }) => attributes.get('name') === list)
    .some((found) => childrenOf(found, 'value').some(({ text }) => text === value))
