import type { Unmanaged } from '#db/schema/host-domain.ts'
import {
  type BootDevice,
  type ClockSpec,
  cpuFeaturePolicies,
  hypervFeatures,
  type VmCpuMode,
  type VmSpec,
  watchdogActions,
} from '#db/vm-spec.ts'
import { childrenOf, find, type XmlElement } from './read.ts'
import { readDisplay, readNics, readVideo, unmanagedKinds } from './read-spec-devices.ts'
import { type DriveFiles, readDrives } from './read-spec-drives.ts'

/** A definition in our words. */
export interface ReadSpec {
  spec: VmSpec
  /** What the spec does not say, or says of files that are not ours. */
  unmanaged: Unmanaged
  /** What the guest's TSC is pinned to, Hz; null where it is not. */
  tscFrequencyHz: number | null
}

/**
 * The spec that a definition, as libvirt prints it, would come of: what a default of QEMU's decides is filled in. The
 * sizes of disks are not in it. The definition of one of our own VMs gives the spec that it was made of.
 */
export function specFromDefinition(domain: XmlElement, files: DriveFiles): ReadSpec {
  const devices = find(domain, 'devices')
  const { disks, cdroms, foreign } = readDrives(devices, files)
  const nics = readNics(devices)
  const display = readDisplay(devices)
  const video = readVideo(devices)
  const watchdog = readWatchdog(devices)
  const cpuMode = readCpuMode(domain)
  const tscFrequencyHz = Number(timerOf(domain, 'tsc')?.get('frequency')) || null
  const unmanaged = unmanagedKinds(domain, { disks, cdroms, nics, display, video, watchdog })
  return {
    spec: {
      guestOs: 'generic',
      cpuMode,
      cpu: {
        ...readCpu(domain),
        ...(tscFrequencyHz !== null && cpuMode === 'host-passthrough' && { pinnedTsc: true }),
      },
      memory: {
        ...readMemory(domain),
        hugepages: find(domain, 'memoryBacking', 'hugepages') !== undefined,
      },
      ...readFirmware(domain),
      tpm: find(devices, 'tpm', 'backend')?.attributes.get('type') === 'emulator',
      bootOrder: readBootOrder(domain, { disk: disks, cdrom: cdroms, network: nics }),
      clock: readClock(domain),
      hyperv: hypervFeatures.filter((name) => isOn(find(domain, 'features', 'hyperv', name))),
      disks,
      cdroms,
      nics,
      cloudInit: null,
      display,
      video,
      serial: { log: childrenOf(devices, 'serial').some((serial) => find(serial, 'log') !== undefined) },
      watchdog,
      rng: find(devices, 'rng') !== undefined,
    },
    unmanaged: { devices: unmanaged, disks: foreign },
    tscFrequencyHz,
  }
}

const isOn = (element: XmlElement | undefined): boolean => element?.attributes.get('state') === 'on'

const binaryUnits: Record<string, number> = { b: 1 / 1024, bytes: 1 / 1024, KiB: 1, k: 1, MiB: 1024, M: 1024 }

/** libvirt gives back KiB, whatever it was defined with; our own definitions say MiB. */
const kib = (element: XmlElement | undefined): number =>
  Number(element?.text) * (binaryUnits[element?.attributes.get('unit') ?? 'KiB'] ?? 1)

function readCpuMode(domain: XmlElement): VmCpuMode {
  const mode = find(domain, 'cpu')?.attributes.get('mode')
  return mode === 'host-model' || mode === 'host-passthrough' || mode === 'maximum' ? mode : 'custom'
}

/** Without a topology, QEMU makes a socket of each vCPU. */
function readCpu(domain: XmlElement): VmSpec['cpu'] {
  const cpu = find(domain, 'cpu')
  const topology = find(cpu, 'topology')?.attributes
  const vcpus = Number(find(domain, 'vcpu')?.text)
  const count = (name: string) => Number(topology?.get(name) ?? 1)
  const features = childrenOf(cpu, 'feature').map(({ attributes }) => ({
    name: attributes.get('name') ?? '',
    // libvirt takes a feature without a policy as required.
    policy: cpuFeaturePolicies.find((known) => known === attributes.get('policy')) ?? 'require',
  }))
  if (!topology) return { cores: vcpus, sockets: vcpus, threadsPerCore: 1, features }
  const sockets = count('sockets')
  const maxCores = sockets * count('dies') * count('clusters') * count('cores')
  const threadsPerCore = count('threads')
  // Of the cores that there can be, so many are there from the start.
  const cores = Number(find(domain, 'vcpu')?.attributes.get('current') ?? vcpus) / threadsPerCore
  return cores < maxCores && cores % sockets === 0
    ? { cores, maxCores, sockets, threadsPerCore, features }
    : { cores: maxCores, sockets, threadsPerCore, features }
}

/** What a balloon takes of it from the start can be given back. */
function readMemory(domain: XmlElement): Pick<VmSpec['memory'], 'sizeMib' | 'maxSizeMib'> {
  const mib = (name: string) => Math.max(1, Math.round(kib(find(domain, name)) / 1024))
  const [maxSizeMib, sizeMib] = [mib('memory'), find(domain, 'currentMemory') ? mib('currentMemory') : mib('memory')]
  return sizeMib < maxSizeMib ? { sizeMib, maxSizeMib } : { sizeMib: maxSizeMib }
}

function readFirmware(domain: XmlElement): Pick<VmSpec, 'firmware' | 'secureBoot'> {
  const os = find(domain, 'os')
  const loader = find(os, 'loader')?.attributes
  const isUefi = os?.attributes.get('firmware') === 'efi' || loader?.get('type') === 'pflash'
  const features = childrenOf(find(os, 'firmware'), 'feature').map(({ attributes }) => attributes)
  const secure =
    features.find((feature) => feature.get('name') === 'secure-boot')?.get('enabled') ?? loader?.get('secure')
  return { firmware: isUefi ? 'uefi' : 'bios', secureBoot: isUefi && secure === 'yes' }
}

const bootNames: Record<string, BootDevice> = { hd: 'disk', cdrom: 'cdrom', network: 'network' }
const bootDevices: Record<string, BootDevice> = { disk: 'disk', lun: 'disk', cdrom: 'cdrom' }

/** By the order that stands at each device, or by the kinds that stand beside the firmware. */
function readBootOrder(domain: XmlElement, present: Record<BootDevice, readonly unknown[]>): BootDevice[] {
  const devices = find(domain, 'devices')?.children ?? []
  const ordered = devices
    .map((device) => ({ device, order: Number(find(device, 'boot')?.attributes.get('order')) }))
    .filter(({ order }) => order > 0)
    .sort((a, b) => a.order - b.order)
    .map(({ device }) =>
      device.name === 'interface' ? 'network' : bootDevices[device.attributes.get('device') ?? 'disk'],
    )
  const named = childrenOf(find(domain, 'os'), 'boot').map(({ attributes }) => bootNames[attributes.get('dev') ?? ''])
  const kinds = (ordered.length > 0 ? ordered : named).filter((kind) => kind !== undefined)
  return [...new Set(kinds)].filter((kind) => present[kind].length > 0)
}

const timerOf = (domain: XmlElement, name: string): ReadonlyMap<string, string> | undefined =>
  childrenOf(find(domain, 'clock'), 'timer').find(({ attributes }) => attributes.get('name') === name)?.attributes

/** QEMU gives a guest the HPET and KVM's clock where nothing is said of them. */
const readClock = (domain: XmlElement): ClockSpec => ({
  offset: find(domain, 'clock')?.attributes.get('offset') === 'localtime' ? 'localtime' : 'utc',
  hpet: timerOf(domain, 'hpet')?.get('present') !== 'no',
  kvmclock: timerOf(domain, 'kvmclock')?.get('present') !== 'no',
  hypervclock: timerOf(domain, 'hypervclock')?.get('present') === 'yes',
})

function readWatchdog(devices: XmlElement | undefined): VmSpec['watchdog'] {
  const watchdog = childrenOf(devices, 'watchdog').find(({ attributes }) => attributes.get('model') === 'i6300esb')
  const action = watchdogActions.find((known) => known === watchdog?.attributes.get('action'))
  return action ? { action } : null
}
