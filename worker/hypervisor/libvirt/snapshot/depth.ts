import { overlaysMaxOf } from '#db/rules/chain-depth.ts'
import { readVersions } from '../node.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'

/** How many overlays a disk may have on top of each other on this libvirt. */
export const readOverlaysMax = async (connection: LibvirtConnection): Promise<number> =>
  overlaysMaxOf((await readVersions(connection)).libvirtVersion)
