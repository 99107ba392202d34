import {
  type ClockSpec,
  type CpuMode,
  type DiskSpec,
  type Firmware,
  type HypervFeature,
  hypervFeatures,
  type NicModel,
  type VideoModel,
} from '../vm-spec.ts'

export const guestOses = [
  'generic',
  'rhel',
  'fedora',
  'debian',
  'arch',
  'suse',
  'windows_server',
  'windows_desktop',
  'windows_legacy',
  'freebsd',
  'openbsd',
  'netbsd',
] as const
export type GuestOs = (typeof guestOses)[number]

/** What a VM gets where its request does not say it. */
export interface GuestOsProfile {
  cpuMode: CpuMode
  firmware: Firmware
  secureBoot: boolean
  tpm: boolean
  clock: ClockSpec
  hyperv: readonly HypervFeature[]
  disk: Pick<DiskSpec, 'bus' | 'cache' | 'io'>
  nicModel: NicModel
  videoModel: VideoModel
}

const linux: GuestOsProfile = {
  cpuMode: 'host-model',
  firmware: 'bios',
  secureBoot: false,
  tpm: false,
  clock: { offset: 'utc', hpet: false, kvmclock: true, hypervclock: false },
  hyperv: [],
  disk: { bus: 'virtio', cache: 'writeback', io: 'threads' },
  nicModel: 'virtio',
  videoModel: 'vga',
}

const redHat: GuestOsProfile = { ...linux, disk: { bus: 'virtio', cache: 'none', io: 'native' } }

const debian: GuestOsProfile = {
  ...linux,
  clock: { ...linux.clock, hpet: true },
  videoModel: 'virtio',
}

const windowsServer: GuestOsProfile = {
  ...linux,
  firmware: 'uefi',
  clock: { offset: 'utc', hpet: true, kvmclock: false, hypervclock: true },
  hyperv: hypervFeatures,
  // Windows brings no virtio drivers.
  disk: { bus: 'sata', cache: 'writeback', io: 'threads' },
  nicModel: 'e1000e',
  videoModel: 'qxl',
}

const bsd: GuestOsProfile = { ...linux, clock: { offset: 'utc', hpet: true, kvmclock: false, hypervclock: false } }
const bsdOnScsi: GuestOsProfile = { ...bsd, disk: { ...bsd.disk, bus: 'scsi' } }

export const guestOsProfiles: Record<GuestOs, GuestOsProfile> = {
  generic: linux,
  rhel: redHat,
  fedora: redHat,
  debian,
  arch: debian,
  suse: { ...linux, videoModel: 'virtio' },
  windows_server: windowsServer,
  windows_desktop: { ...windowsServer, secureBoot: true, tpm: true },
  // A q35 machine has no IDE controller; its SATA is what these systems know as AHCI.
  windows_legacy: {
    ...bsd,
    disk: { bus: 'sata', cache: 'writeback', io: 'threads' },
    nicModel: 'e1000',
  },
  freebsd: bsd,
  openbsd: bsdOnScsi,
  netbsd: bsdOnScsi,
}
