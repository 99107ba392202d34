import { describe } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { libvirtDisks } from '#test/live/snapshots-model/libvirt-disks.ts'
import { describeHypervisor } from '#test/worker/hypervisor/contract.ts'
import { describeDevices } from '#test/worker/hypervisor/device-contract.ts'
import { describeReverts } from '#test/worker/hypervisor/revert-contract.ts'
import type { LibvirtOptions } from '#worker/hypervisor/libvirt/options.ts'
import { aForeignDomain, virshOn } from './foreign-node.ts'
import { libvirtDevices } from './libvirt-devices.ts'
import { startLibvirtNode } from './libvirt-node.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  describeHypervisor(() => aNode())
  describeReverts(() => aNode())
  describeDevices(() => aNode())
})

describe.skipIf(unavailable)(`libvirt without KVM${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  describeHypervisor(() => aNode({ virtType: 'qemu' }))
})

async function aNode(options: Partial<LibvirtOptions> = {}) {
  const node = await startLibvirtNode(options)
  async function makeForeign() {
    const { id, xml } = await aForeignDomain(node)
    await virshOn(node).define(xml)
    return id
  }
  const devices = (vmId: string) => libvirtDevices(node, vmId)
  return { ...node, disks: libvirtDisks(node), devices, makeForeign }
}
