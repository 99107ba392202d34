import type { DeviceName } from '#db/late-unplugs.ts'
import type { VmSpec } from '#db/vm-spec.ts'

/**
 * Devices of a VM that exists: in what runs, and in the definition that the next start takes. Each call looks at both, and
 * does what is missing; made again after it was cut off anywhere it goes on there.
 */
export interface DeviceCalls {
  /**
   * Gives a kept volume to a VM under another name in the pool; one that has it already stays. Throws `not_found` for one
   * that is not there, and `failed_precondition` where it is not what a kept volume is (`ImageRefusalReason`).
   */
  takeVolume(request: VolumeTake): Promise<DiskContent>
  /** Removes a file of a VM. Refused with `failed_precondition` while a definition of the VM names it. */
  removeVolume(vmId: string, volume: string): Promise<void>

  /** Plugs a disk in whose file is there. Throws `failed_precondition` where the target has another one. What `spec` says of it, and of the order of booting, is what it gets. */
  attachDisk(request: DiskAttach): Promise<void>
  /** Takes a disk out; its file stays. Resolves to whether it is out: a guest that runs must let go first, and was asked. */
  detachDisk(request: DiskDetach): Promise<boolean>
  /** Makes a disk larger, under a guest that runs too. Throws `failed_precondition` for one that is larger already. */
  resizeDisk(request: DiskResize): Promise<void>
  /** Gives a cdrom drive another medium, or none. `force` opens one that the guest has locked. */
  changeMedia(request: MediumChange): Promise<void>
  attachNic(request: NicRequest): Promise<void>
  /** As `detachDisk`. */
  detachNic(request: NicRequest): Promise<boolean>
  /** Gives what runs a disk or card that the next start has, and it has not, at the same place. Resolves to whether it had lost it. */
  replugDevice(vmId: string, device: DeviceName): Promise<boolean>
}

interface DeviceRequest {
  vmId: string
  /** As it is to be afterwards. */
  spec: VmSpec
}

export interface DiskDetach extends DeviceRequest {
  target: string
  /** A disk on another file in the pool than this one stays. */
  volume?: string
}

export interface DiskAttach extends DiskDetach {
  /** Its file in the pool. */
  volume: string
}

export interface NicRequest extends DeviceRequest {
  mac: string
}

export interface DiskResize {
  vmId: string
  target: string
  sizeGib: number
}

export interface VolumeTake {
  vmId: string
  volume: string
  /** Its name as the VM's. */
  as: string
}

/** What a disk is made of: never both missing. */
export interface DiskContent {
  sizeGib?: number | undefined
  /** A file name in the node's image directory. */
  baseImage?: string | undefined
}

export interface MediumChange {
  vmId: string
  target: string
  /** A file name in the node's image directory; null empties the drive. */
  iso: string | null
  force: boolean
}
