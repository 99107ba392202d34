import { describe } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { describeHypervisor } from '#test/worker/hypervisor/contract.ts'
import { startLibvirtNode } from './libvirt-node.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  describeHypervisor(startLibvirtNode)
})

describe.skipIf(unavailable)(`libvirt without KVM${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  describeHypervisor(() => startLibvirtNode({ virtType: 'qemu' }))
})
