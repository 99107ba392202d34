import type { BootDevice } from '#db/vm-spec.ts'

interface Bootable {
  bootOrder: readonly BootDevice[]
  disks: readonly object[]
  cdroms: readonly object[]
  nics: readonly object[]
}

/** Tells the place of each of these devices: 1 is tried first, undefined is not booted from. */
export function bootPlaces({ bootOrder, disks, cdroms, nics }: Bootable): (device: object) => number | undefined {
  const devices = { disk: disks, cdrom: cdroms, network: nics }
  const order = bootOrder.flatMap((kind) => devices[kind])
  const places = new Map(order.map((device, index) => [device, index + 1]))
  return (device) => places.get(device)
}
