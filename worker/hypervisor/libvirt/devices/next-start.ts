import type { VmSpec } from '#db/vm-spec.ts'
import { redefine } from '../redefine.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { bootPlaces } from '../xml/boot-order.ts'
import {
  type DeviceKey,
  diskKey,
  findDevice,
  nicKey,
  withBootPlaces,
  withDevice,
  withoutDevice,
} from '../xml/edit-devices.ts'
import type { XmlObject } from '../xml/render.ts'

/** Gives the definition of the next start a device; one that it has already stays as it is. */
export const addToDefinition = (
  connection: LibvirtConnection,
  dom: Domain,
  spec: VmSpec,
  { key, device }: { key: DeviceKey; device: XmlObject },
): Promise<void> =>
  redefine(connection, dom, (xml) => withPlaces(findDevice(xml, key) === null ? withDevice(xml, device) : xml, spec))

/** Takes a device out of the definition of the next start. */
export const removeFromDefinition = (
  connection: LibvirtConnection,
  dom: Domain,
  spec: VmSpec,
  key: DeviceKey,
): Promise<void> => redefine(connection, dom, (xml) => withPlaces(withoutDevice(xml, key), spec))

/** A device that comes or goes moves the places of those behind it. */
function withPlaces(xml: string, spec: VmSpec): string {
  const placeOf = bootPlaces(spec)
  const byKey = new Map(
    [
      ...[...spec.disks, ...spec.cdroms].map((drive) => [diskKey(drive.target), placeOf(drive)] as const),
      ...spec.nics.map((nic) => [nicKey(nic.mac), placeOf(nic)] as const),
    ].map(([key, place]) => [nameOf(key), place]),
  )
  return withBootPlaces(xml, (key) => byKey.get(nameOf(key)))
}

const nameOf = ({ element, id }: DeviceKey): string => `${element} ${id}`
