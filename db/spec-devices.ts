import type { BootDevice, DiskSpec, NicSpec, VmSpec } from './vm-spec.ts'

/** A spec with this disk, in place of one with the same target. */
export const withDisk = (spec: VmSpec, disk: DiskSpec): VmSpec => ({
  ...spec,
  disks: replaced(spec.disks, disk, ({ target }) => target),
})

/** A spec without the disk; without a kind of device it boots from none of that kind. */
export const withoutDisk = (spec: VmSpec, target: string): VmSpec =>
  bootable({ ...spec, disks: spec.disks.filter((disk) => disk.target !== target) })

/** A spec whose drive has that medium; null is an empty drive. */
export const withMedium = (spec: VmSpec, { target, iso }: { target: string; iso: string | null }): VmSpec => ({
  ...spec,
  cdroms: spec.cdroms.map((cdrom) => (cdrom.target === target ? { ...cdrom, iso } : cdrom)),
})

/** A spec with this card, in place of one with the same address. */
export const withNic = (spec: VmSpec, nic: NicSpec): VmSpec => ({
  ...spec,
  nics: replaced(spec.nics, nic, ({ mac }) => mac),
})

/** A spec without the card; without a kind of device it boots from none of that kind. */
export const withoutNic = (spec: VmSpec, mac: string): VmSpec =>
  bootable({ ...spec, nics: spec.nics.filter((nic) => nic.mac !== mac) })

function replaced<Device>(devices: readonly Device[], device: Device, idOf: (device: Device) => string): Device[] {
  const isSame = (other: Device) => idOf(other) === idOf(device)
  return devices.some(isSame) ? devices.map((other) => (isSame(other) ? device : other)) : [...devices, device]
}

function bootable(spec: VmSpec): VmSpec {
  const devices: Record<BootDevice, readonly unknown[]> = { disk: spec.disks, cdrom: spec.cdroms, network: spec.nics }
  return { ...spec, bootOrder: spec.bootOrder.filter((device) => devices[device].length > 0) }
}
