import type { CpuFeature } from '#db/vm-spec.ts'

/** What the adapter needs of a logger; pino's has it. */
export interface Log {
  info(object: object, message: string): void
  warn(object: object, message: string): void
}

export interface LibvirtOptions {
  /** `qemu:///system`, `qemu:///session`, `qemu+unix:///system?socket=…`. */
  uri: string
  nodeId: string
  /** Absolute; made when it is missing. Holds the disks of this worker's VMs, and nothing else may. */
  poolDirectory: string
  /** Absolute; base images and ISOs. */
  imagesDirectory: string
  /** Absolute; below them are storage pools that are directories. */
  poolDirectories: readonly string[]
  /** Absolute; where libvirt keeps the logs of QEMUs. Left out, where it does by itself. */
  logDirectory?: string | undefined
  /** `auto` takes KVM where it runs, else QEMU's emulation. */
  virtType: 'auto' | 'kvm' | 'qemu'
  /** The worker's own overrides. */
  cpuFeatures: readonly CpuFeature[]
  /** Absolute; what the worker remembers between its runs. */
  stateDirectory: string
  log: Log
}
