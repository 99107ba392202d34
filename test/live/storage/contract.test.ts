import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { describe } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { describeStorage } from '#test/worker/hypervisor/storage-contract.ts'
import { definedWith } from './a-domain.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`the storage of libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  describeStorage(async () => {
    const node = await startLibvirtNode({ virtType: 'qemu' })
    return {
      hypervisor: node.hypervisor,
      directory: (name) => path.join(node.options.poolDirectories[0] ?? '', name),
      addImage: node.addImage,
      async attach(name) {
        const { diskXml } = await node.hypervisor.describeAttachment(name)
        const vmId = randomUUID()
        const { undefine } = await definedWith(node.connection, vmId, diskXml)
        return { vmId, detach: undefine }
      },
      close: node.close,
    }
  })
})
