import { createHash } from 'node:crypto'

/** What libvirt calls a pool of this worker; its own pool has the first half of it alone. */
export const libvirtPoolName = (nodeId: string, poolId: string): string => `quantix-${nodeId.slice(0, 8)}.${poolId}`

/** The same pool has the same UUID each time that it is defined. */
export const poolUuid = (nodeId: string, poolId: string): string => uuidOf(`pool/${nodeId}/${poolId}`)

/** Of the secret that libvirt keeps for a pool. */
export const secretUuid = (nodeId: string, poolId: string): string => uuidOf(`secret/${nodeId}/${poolId}`)

/** Under QEMU's own prefix, so that the administrator of a target knows who it is. */
export const initiatorName = (nodeId: string): string => `iqn.2008-11.org.linux-kvm:${nodeId}`

/** A UUID of version 8 (RFC 9562): made of what we like. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0b11) | 0b1000).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
