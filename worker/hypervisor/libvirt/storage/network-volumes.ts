import { plainNamePattern } from '#db/plain-name.ts'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { remote } from '../rpc/protocol.gen.ts'
import type { AttachmentSource } from './attachment-xml.ts'
import { networkPlace, volumePlace } from './disk-places.ts'
import type { OpenPool } from './open-pool.ts'
import { userOf } from './pool-secret.ts'

/** A volume that its server makes, raw. */
export interface Unit {
  volumeId: string
  /** As libvirt names it. */
  libvirtName: string
  capacityBytes: number
  allocationBytes: number
}

type NetworkSource = Extract<StoragePoolSource, { type: 'iscsi' | 'ceph-rbd' }>

/** The volumes of a pool on a server, as the server had them when the pool was started; by id. */
export async function listUnits(connection: LibvirtConnection, { source, reference: pool }: OpenPool): Promise<Unit[]> {
  const { vols } = await connection.call(remote.storagePoolListAllVolumes, { pool, needResults: 1, flags: 0 })
  const units: Unit[] = []
  for (const vol of vols) {
    const volumeId = source.type === 'iscsi' ? idOfUnit(vol.name) : plainNamePattern.test(vol.name) ? vol.name : null
    if (volumeId === null) continue
    const { capacity, allocation } = await connection.call(remote.storageVolGetInfo, { vol })
    // The first unit of many targets is the controller, and holds nothing.
    if (capacity === 0n) continue
    units.push({
      volumeId,
      libvirtName: vol.name,
      capacityBytes: Number(capacity),
      allocationBytes: Number(allocation),
    })
  }
  return units.sort((a, b) => a.volumeId.localeCompare(b.volumeId, 'en', { numeric: true }))
}

/** `unit:0:0:7`, the only form that libvirt gives units, is `lun-7` to us: a plain name. */
function idOfUnit(libvirtName: string): string | null {
  const lun = /^unit:0:0:(\d+)$/.exec(libvirtName)?.[1]
  return lun === undefined ? null : `lun-${lun}`
}

/** How QEMU gets at a volume, without the pool. */
export function networkSource(
  { source, parameters }: OpenPool,
  { volumeId }: Unit,
): AttachmentSource & { type: 'network' } {
  const user = userOf(source)
  const auth = user === null ? null : { user, secretUuid: parameters.secretUuid }
  const network = source as NetworkSource
  return network.type === 'iscsi'
    ? {
        ...{ type: 'network', protocol: 'iscsi', auth, initiator: parameters.initiator },
        name: `${network.target}/${volumeId.slice('lun-'.length)}`,
        hosts: [{ host: network.host, port: network.port }],
      }
    : { type: 'network', protocol: 'rbd', auth, name: `${network.pool}/${volumeId}`, hosts: network.monitors }
}

/** What a definition may name a volume by. */
export const placesOfUnit = (pool: OpenPool, unit: Unit): string[] => {
  const { protocol, name } = networkSource(pool, unit)
  return [networkPlace(protocol, name), volumePlace(pool.parameters.name, unit.libvirtName)]
}
