/** The two CPU modes a VM may have; the first is the default. */
export const cpuModes = ['host-model', 'host-passthrough'] as const
export type CpuMode = (typeof cpuModes)[number]

/** What people read for each CPU mode. */
export const cpuModeTitles = {
  'host-model': 'Quantix Flexible',
  'host-passthrough': 'Quantix Performance',
} as const satisfies Record<CpuMode, string>

/** https://libvirt.org/formatdomain.html#cpu-model-and-topology, attribute `policy` of `feature`. */
export const cpuFeaturePolicies = ['force', 'require', 'optional', 'disable', 'forbid'] as const
export type CpuFeaturePolicy = (typeof cpuFeaturePolicies)[number]

export interface CpuFeature {
  name: string
  policy: CpuFeaturePolicy
}

export const firmwares = ['bios', 'uefi'] as const
export type Firmware = (typeof firmwares)[number]

/** A VM as its user described it, defaults filled in. This is what `vms.spec` holds; the API parses it, the worker renders it. */
export interface VmSpec {
  cpuMode: CpuMode
  cpu: {
    /** All sockets together; divisible by `sockets`. */
    cores: number
    sockets: number
    threadsPerCore: number
    features: CpuFeature[]
    /** Pins the guest's TSC to its node's frequency: memory snapshots of a Performance VM, bound to such nodes. */
    pinnedTsc?: boolean | undefined
  }
  /** BIOS where it is left out. */
  firmware?: Firmware | undefined
  memory: { sizeMib: number }
  disks: DiskSpec[]
  cdroms: CdromSpec[]
  nics: NicSpec[]
}

/** `baseImage` alone takes the image's size; `sizeGib` alone makes an empty disk. One of them is always there. */
export interface DiskSpec {
  /** The device's name, also in its file's name: vda, vdb, … Unique among disks and cdroms. */
  target: string
  sizeGib?: number | undefined
  /** A file name in the node's image directory. */
  baseImage?: string | undefined
}

export interface CdromSpec {
  /** sda, sdb, … */
  target: string
  /** A file name in the node's image directory. */
  iso: string
}

export interface NicSpec {
  /** Lower case; unique in the VM. */
  mac: string
  /** A libvirt network of the node. */
  network: string
}

/** The vCPUs of a VM, defined once for REST, gRPC, libvirt and the scheduler: all cores × threads per core. */
export const vcpusOf = ({ cores, threadsPerCore }: VmSpec['cpu']): number => cores * threadsPerCore
