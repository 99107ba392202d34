import type { LibvirtConnection } from '../rpc/connection.ts'
import { remote } from '../rpc/protocol.gen.ts'

/**
 * How many overlays a disk may have on top of each other, well below what libvirt can start. Measured on libvirt 9.0.0 with
 * QEMU 7.2: a VM starts on 199, in 0.64 s instead of 0.25 s, and takes a snapshot up to there; on 200 libvirt takes no
 * snapshot ("backing chains more than 200 layers deep are not supported") and starts no VM ("too deeply nested").
 */
export const overlaysMax = 64

/**
 * The same for libvirt from 10.8.0 on, which reads JSON with json-c, up to 12.0.0, which lets it nest deeper again: "VMs with
 * more than ~25 external snapshots" do not start there (https://libvirt.org/news.html#v12-0-0-2026-01-15). The disk as it
 * was made and its base image count too.
 */
const overlaysMaxWithJsonC = 20
const jsonC = { since: 10_008_000n, fixed: 12_000_000n }

/** The limit for a libvirt: its version packed as libvirt does it, major × 1,000,000 + minor × 1,000 + release. */
export const overlaysMaxOf = (libvirtVersion: bigint): number =>
  libvirtVersion >= jsonC.since && libvirtVersion < jsonC.fixed ? overlaysMaxWithJsonC : overlaysMax

export const readOverlaysMax = async (connection: LibvirtConnection): Promise<number> =>
  overlaysMaxOf((await connection.call(remote.connectGetLibVersion, {})).libVer)
