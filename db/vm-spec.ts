import type { GuestOs } from './guest-os/profiles.ts'

/** The two CPU modes a VM may have; the first is the default. */
export const cpuModes = ['host-model', 'host-passthrough'] as const
export type CpuMode = (typeof cpuModes)[number]

/** Modes that a VM which others made may have besides; it keeps them, and no VM is made with them. */
export const foreignCpuModes = ['maximum', 'custom'] as const
export type VmCpuMode = CpuMode | (typeof foreignCpuModes)[number]

/** What people read for each CPU mode. */
export const cpuModeTitles = {
  'host-model': 'Quantix Flexible',
  'host-passthrough': 'Quantix Performance',
  maximum: 'all that QEMU can give',
  custom: 'a CPU model of its own',
} as const satisfies Record<VmCpuMode, string>

/** https://libvirt.org/formatdomain.html#cpu-model-and-topology, attribute `policy` of `feature`. */
export const cpuFeaturePolicies = ['force', 'require', 'optional', 'disable', 'forbid'] as const
export type CpuFeaturePolicy = (typeof cpuFeaturePolicies)[number]

export interface CpuFeature {
  name: string
  policy: CpuFeaturePolicy
}

export const firmwares = ['bios', 'uefi'] as const
export type Firmware = (typeof firmwares)[number]

/** Kinds of devices that a VM can boot from. */
export const bootDevices = ['disk', 'cdrom', 'network'] as const
export type BootDevice = (typeof bootDevices)[number]

export const diskBuses = ['virtio', 'scsi', 'sata'] as const
export type DiskBus = (typeof diskBuses)[number]

/** https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms, attributes `cache`, `io` and `discard` of `driver`. */
export const diskCaches = ['none', 'writeback', 'writethrough', 'directsync', 'unsafe'] as const
export type DiskCache = (typeof diskCaches)[number]
/** Those that pass the node's page cache by. */
export const directCaches: readonly DiskCache[] = ['none', 'directsync']
export const diskIos = ['native', 'threads', 'io_uring'] as const
export const diskDiscards = ['unmap', 'ignore'] as const

export const nicModels = ['virtio', 'e1000e', 'e1000', 'rtl8139'] as const
export type NicModel = (typeof nicModels)[number]

export const displayTypes = ['vnc', 'spice', 'none'] as const
/** RFC 6143, 7.2.2: the password is a DES key. */
export const vncPasswordLength = 8
export const videoModels = ['vga', 'virtio', 'qxl', 'none'] as const
export type VideoModel = (typeof videoModels)[number]

/** Video memory of the models that have their own. */
export const defaultVideoMemoryKib: Partial<Record<VideoModel, number>> = { vga: 16_384, qxl: 65_536 }

/** What QEMU does when the guest no longer feeds the watchdog. */
export const watchdogActions = ['reset', 'shutdown', 'poweroff', 'pause', 'none'] as const

export const clockOffsets = ['utc', 'localtime'] as const

/** https://libvirt.org/formatdomain.html#hypervisor-features, those below `hyperv` that Windows guests use. */
export const hypervFeatures = [
  'relaxed',
  'vapic',
  'spinlocks',
  'vpindex',
  'runtime',
  'synic',
  'stimer',
  'reset',
  'frequencies',
  'tlbflush',
  'ipi',
] as const
export type HypervFeature = (typeof hypervFeatures)[number]

/**
 * A VM as its user described it, defaults filled in. This is what `vms.spec` holds; the API parses it, the worker renders
 * it. Another default, or another guest OS profile, never changes a stored VM.
 */
export interface VmSpec {
  /** The profile that gave the defaults. */
  guestOs: GuestOs
  cpuMode: VmCpuMode
  cpu: {
    /** All sockets together; divisible by `sockets`. */
    cores: number
    /** Up to so many it can have while it runs; what is left out is `cores`. */
    maxCores?: number | undefined
    sockets: number
    threadsPerCore: number
    features: CpuFeature[]
    /** Pins the guest's TSC to its node's frequency: memory snapshots of a Performance VM, bound to such nodes. */
    pinnedTsc?: boolean | undefined
  }
  memory: {
    sizeMib: number
    /** Up to so much it can have while it runs: the rest of it is in the balloon. */
    maxSizeMib?: number | undefined
    /** All of it in huge pages that the node has set aside. */
    hugepages: boolean
  }
  firmware: Firmware
  /** Only with UEFI; the well-known keys are enrolled. */
  secureBoot: boolean
  /** A TPM 2.0, emulated by swtpm. */
  tpm: boolean
  /** Those that it has are tried in this order, each in the order of its list. */
  bootOrder: BootDevice[]
  clock: ClockSpec
  hyperv: HypervFeature[]
  disks: DiskSpec[]
  cdroms: CdromSpec[]
  nics: NicSpec[]
  /** Null without one. */
  cloudInit: CloudInitSpec | null
  /** Only the node itself can reach it. The password is a secret, and here stands only that there is one. */
  display: { type: (typeof displayTypes)[number]; passwordSet: boolean }
  video: {
    model: VideoModel
    /** Only of vga and qxl; a power of two. */
    memoryKib?: number | undefined
  }
  /** There is always a serial console; its output may be kept in a file. */
  serial: { log: boolean }
  /** An i6300esb; null leaves it out. */
  watchdog: { action: (typeof watchdogActions)[number] } | null
  /** Random numbers from the node. */
  rng: boolean
}

export interface ClockSpec {
  /** What the guest's hardware clock shows: UTC, or the time of the node's time zone. */
  offset: (typeof clockOffsets)[number]
  hpet: boolean
  kvmclock: boolean
  hypervclock: boolean
}

/** `baseImage` alone takes the image's size; `sizeGib` alone makes an empty disk. One of them is always there. */
export interface DiskSpec {
  /** The device's name, also in its file's name: vda on virtio, sda on SCSI and SATA. Unique among disks and cdroms. */
  target: string
  sizeGib?: number | undefined
  /** A file name in the node's image directory. */
  baseImage?: string | undefined
  bus: DiskBus
  cache: DiskCache
  io: (typeof diskIos)[number]
  discard: (typeof diskDiscards)[number]
  /** The guest cannot write to it, and snapshots leave it alone. */
  readOnly: boolean
  iopsLimit?: number | undefined
  throughputLimitMibps?: number | undefined
}

/** A drive on SATA. */
export interface CdromSpec {
  /** sda, sdb, … */
  target: string
  /** A file name in the node's image directory; null leaves the drive empty. */
  iso: string | null
}

/**
 * The read-only drive that cloud-init in the guest looks for, on the bus of the disk that the guest boots from. What is
 * on it are secrets: here stands only which of them were given.
 */
export interface CloudInitSpec {
  /** Unique among all drives, disks and cdroms too. */
  target: string
  bus: DiskBus
  userDataSet: boolean
  metaDataSet: boolean
  networkConfigSet: boolean
}

/** A card on a libvirt network or on a bridge of the node: one of the two is always there. */
export interface NicSpec {
  /** Lower case; unique in the VM. */
  mac: string
  model: NicModel
  network?: string | undefined
  bridge?: string | undefined
  /** Each way. */
  bandwidthMbps?: number | undefined
}

/** The vCPUs of a VM, defined once for REST, gRPC, libvirt and the scheduler: all cores × threads per core. */
export const vcpusOf = ({ cores, threadsPerCore }: Pick<VmSpec['cpu'], 'cores' | 'threadsPerCore'>): number =>
  cores * threadsPerCore

/** Those that it can have while it runs. */
export const maxVcpusOf = ({ cores, maxCores = cores, threadsPerCore }: VmSpec['cpu']): number =>
  maxCores * threadsPerCore

/** The memory that it can have while it runs. */
export const maxMemoryMibOf = ({ sizeMib, maxSizeMib = sizeMib }: VmSpec['memory']): number => maxSizeMib

/** The disks that snapshots take. */
export const writableDisks = ({ disks }: VmSpec): DiskSpec[] => disks.filter(({ readOnly }) => !readOnly)
