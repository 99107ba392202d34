import { AppError } from '#db/errors.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { type Domain, qemu } from './rpc/protocol.gen.ts'

/** One command to a domain's QEMU (https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html), behind libvirt's back. */
export async function qmp<T>(connection: LibvirtConnection, dom: Domain, execute: string, args?: object): Promise<T> {
  const cmd = JSON.stringify({ execute, ...(args && { arguments: args }) })
  const { result } = await connection.call(qemu.domainMonitorCommand, { dom, cmd, flags: 0 })
  const reply = JSON.parse(result) as { return: T } | { error: { desc: string } }
  if ('return' in reply) return reply.return
  throw new AppError('internal', `QEMU refuses ${execute}: ${reply.error.desc}`, { reason: 'HYPERVISOR_ERROR' })
}

/** A disk as QEMU has it open. */
export interface QemuDisk {
  /** Where its device hangs; libvirt's alias is one of the path's parts. */
  qdev: string
  nodeName: string
  /** The file it writes to, then what that is an overlay of, down to the base. */
  chain: string[]
}

interface QemuImage {
  filename: string
  'backing-image'?: QemuImage
}

interface BlockInfo {
  qdev?: string
  inserted?: { 'node-name': string; image: QemuImage }
}

/** What QEMU really writes to: after a crash of libvirtd its definitions may say something else. */
export async function readQemuDisks(connection: LibvirtConnection, dom: Domain): Promise<QemuDisk[]> {
  const blocks = await qmp<BlockInfo[]>(connection, dom, 'query-block')
  return blocks.flatMap(({ qdev, inserted }) =>
    inserted ? [{ qdev: qdev ?? '', nodeName: inserted['node-name'], chain: chainOf(inserted.image) }] : [],
  )
}

const chainOf = (image: QemuImage | undefined): string[] =>
  image ? [image.filename, ...chainOf(image['backing-image'])] : []

/** The disk of a device that libvirt calls `alias`. */
export const qemuDiskOf = (disks: readonly QemuDisk[], alias: string): QemuDisk | undefined =>
  disks.find(({ qdev }) => qdev.split('/').includes(alias))

/** One open image in QEMU; a qcow2 has a node for the format and one for the file below it. */
export interface QemuNode {
  'node-name': string
  file: string
  drv: string
  /** Whether it is open for reading alone. */
  ro: boolean
}

/** Every image that QEMU has open, in use or not. */
export const readQemuNodes = (connection: LibvirtConnection, dom: Domain): Promise<QemuNode[]> =>
  qmp(connection, dom, 'query-named-block-nodes', { flat: true })
