import path from 'node:path'
import { qmp, readQemuDisks, readQemuNodes } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { vmPrefix } from '../storage-names.ts'
import type { VmState } from './state.ts'

/**
 * libvirtd killed between opening an overlay and using it leaves the overlay open in QEMU, under a node name that it
 * wants again for the next ("Duplicate nodes with node-name"). QEMU itself refuses to close what is in use.
 */
export async function closeOrphans(connection: LibvirtConnection, { dom, vmId }: VmState): Promise<void> {
  const disks = await readQemuDisks(connection, dom)
  const used = new Set(disks.flatMap(({ chain }) => chain))
  const orphans = (await readQemuNodes(connection, dom)).filter(
    ({ file }) => path.basename(file).startsWith(vmPrefix(vmId)) && !used.has(file),
  )
  // A format's node holds on to its file's.
  for (const { 'node-name': name } of orphans.toSorted((a, b) => Number(a.drv === 'file') - Number(b.drv === 'file'))) {
    await qmp(connection, dom, 'blockdev-del', { 'node-name': name })
  }
}
