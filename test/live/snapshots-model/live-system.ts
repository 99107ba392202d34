import { startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { libvirtDisks } from './libvirt-disks.ts'
import { diskBytes } from './slots.ts'
import { baseImage, type ModelSystem, startModelSystem } from './system.ts'

/** The whole control plane on a libvirt host of its own; guests run without KVM. */
export async function startLiveSystem(templateDatabaseUrl: string): Promise<ModelSystem> {
  const node = await startLibvirtNode({ virtType: 'qemu' })
  await node.addImage(baseImage, diskBytes)
  let { hypervisor } = node
  return startModelSystem(templateDatabaseUrl, {
    nodeId: node.options.nodeId,
    hypervisor,
    disks: libvirtDisks(node),
    async reopen() {
      await hypervisor.close()
      hypervisor = await node.reopen()
      return hypervisor
    },
    close: node.close,
  })
}
