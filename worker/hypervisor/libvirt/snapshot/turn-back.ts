import type { Log } from '../options.ts'
import { qmp } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { DiskView, DiskViews } from './disk-views.ts'

/**
 * libvirtd killed while QEMU turned from an overlay to the file that it had merged it into can come back without the
 * merge: it knows the overlay, and QEMU writes below it. The guest has stood still since then, so both have the same
 * content: QEMU opens the overlay again, under the names that libvirt has for it, and the merge can be made again.
 */
export async function turnBack(
  { connection, log }: { connection: LibvirtConnection; log: Log },
  { vmId, definitions, qemuNodes }: DiskViews,
  { target, live, open }: DiskView,
): Promise<void> {
  const index = definitions.live.disks.find((disk) => disk.target === target)?.nodeIndex
  if (!open || index === null || index === undefined) return
  log.warn(
    { vm: { id: vmId }, disk: { target, known: live } },
    'QEMU has left an overlay that libvirt knows; turning back',
  )
  const { dom } = definitions
  const [format, storage] = [`libvirt-${index}-format`, `libvirt-${index}-storage`]
  // A format's node holds on to its file's.
  for (const name of [format, storage]) {
    if (qemuNodes.some((node) => node['node-name'] === name)) {
      await qmp(connection, dom, 'blockdev-del', { 'node-name': name })
    }
  }
  const file = { driver: 'file', 'node-name': storage, filename: live, 'auto-read-only': true, discard: 'unmap' }
  await qmp(connection, dom, 'blockdev-add', file)
  const image = { driver: 'qcow2', 'node-name': format, file: storage, backing: null, discard: 'unmap' }
  await qmp(connection, dom, 'blockdev-add', image)
  await qmp(connection, dom, 'blockdev-snapshot', { node: open.nodeName, overlay: format })
}
