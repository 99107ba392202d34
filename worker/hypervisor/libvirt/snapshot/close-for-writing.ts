import { type QemuDisk, type QemuNode, qmp, readQemuNodes } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'

/**
 * Has QEMU keep the files below the one that a disk is written to open for reading alone. QEMU 10.0 keeps a file that it
 * pulled data up into open for writing (7.2 does not), and then nobody can open it a second time, as libvirt does at the
 * end of a copy.
 */
export async function closeForWriting(connection: LibvirtConnection, dom: Domain, { chain }: QemuDisk): Promise<void> {
  const nodes = await readQemuNodes(connection, dom)
  for (const [index, file] of chain.entries()) {
    const image = imageNode(nodes, file)
    if (index === 0 || image?.drv !== 'qcow2' || image.ro) continue
    const options = {
      driver: image.drv,
      'node-name': image['node-name'],
      'read-only': true,
      file: nodes.find((node) => node.file === file && node !== image)?.['node-name'],
      backing: imageNode(nodes, chain[index + 1])?.['node-name'] ?? null,
    }
    await qmp(connection, dom, 'blockdev-reopen', { options: [options] })
  }
}

/** What an overlay of a file stands on: of a file's nodes the one that knows its format, where libvirt has made one. */
function imageNode(nodes: readonly QemuNode[], file: string | undefined): QemuNode | undefined {
  const ofFile = nodes.filter((node) => node.file === file)
  return ofFile.find(({ drv }) => drv === 'qcow2' || drv === 'raw') ?? ofFile[0]
}
