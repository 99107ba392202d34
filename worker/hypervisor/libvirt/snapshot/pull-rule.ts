import { readVersions } from '../node.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'

/**
 * Whether a libvirt of this version, like `9.0.0`, can be led to see that QEMU pulled a file up in the middle of a chain that
 * runs. Measured: 9.0.0 can; 11.3.0 adds the copy's files to QEMU a second time when the copy ends, and cannot ("Failed to
 * get shared \"write\" lock", after a crash "Duplicate nodes with node-name"). Others were not tried.
 */
export const followsPulls = (libvirtVersion: string): boolean => libvirtVersion.startsWith('9.0.')

/** The same for the libvirt of this connection. */
export const readFollowsPulls = async (connection: LibvirtConnection): Promise<boolean> =>
  followsPulls((await readVersions(connection)).libvirtVersion)
