import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { maxVcpusOf } from '#db/vm-spec.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { goldenDomains } from '#test/worker/hypervisor/libvirt/xml/domain-specs.ts'
import { readInactiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { DomainDefineFlags } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { domainXml } from '#worker/hypervisor/libvirt/xml/domain.ts'
import { childrenOf, find, readXml, type XmlElement } from '#worker/hypervisor/libvirt/xml/read.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aVm, domainOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a definition on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode()
  })
  afterAll(() => node?.close())

  // libvirt refuses a slash in a name, and so does the API.
  const definable = Object.entries(goldenDomains).map(
    ([name, vm]) => [name, { ...vm, name: vm.name.replaceAll('/', '|') }] as const,
  )

  test.for(definable)(
    'is taken by libvirt as it was reviewed, and gives its text back: %s',
    async ([, vm], { skip }) => {
      if (vm.virtType === 'kvm' && !(await hasKvm())) return skip('libvirt has no KVM here')
      const { dom } = await node.connection.call(remote.domainDefineXmlFlags, {
        xml: domainXml(vm),
        flags: DomainDefineFlags.VALIDATE,
      })
      const defined = readXml(await readInactiveXml(node.connection, dom))
      expect(find(defined, 'name')?.text).toBe(vm.name)
      expect(find(defined, 'description')?.text ?? '').toBe(vm.description)
      expect(find(defined, 'vcpu')?.text).toBe(String(maxVcpusOf(vm.spec.cpu)))
      expect(find(defined, 'metadata', 'quantix:vm')?.attributes.get('node')).toBe(vm.nodeId)
      expect(freePortsOf(defined)).toBe(8)
      const buses = [...vm.disks, vm.spec.cloudInit].map((drive) => drive?.bus)
      expect(scsiModelsOf(defined)).toEqual(buses.includes('scsi') ? ['virtio-scsi'] : [])
      await node.connection.call(remote.domainUndefineFlags, { dom, flags: 0 })
    },
  )

  test('CPU features: what the node needs, what the worker says over it, and what the VM says over both', async () => {
    const worker = await node.reopen({
      cpuFeatures: [
        { name: 'aes', policy: 'disable' },
        { name: 'vmx', policy: 'disable' },
      ],
    })
    const vmId = await aVm(
      { hypervisor: worker },
      { cpu: { cores: 1, sockets: 1, threadsPerCore: 1, features: [{ name: 'aes', policy: 'optional' }] } },
    )
    const domain = readXml(await readInactiveXml(node.connection, await domainOf(node, vmId)))
    const features = childrenOf(find(domain, 'cpu'), 'feature').map(({ attributes }) => Object.fromEntries(attributes))
    expect(features).toEqual(
      expect.arrayContaining([
        { policy: 'optional', name: 'aes' },
        { policy: 'disable', name: 'vmx' },
      ]),
    )
  })

  test('whose ISO has gone since says so at the start, and leaves the VM stopped', async () => {
    await node.addImage('gone.iso', 2 ** 20)
    const vmId = await aVm(node, { cdroms: [{ iso: 'gone.iso' }] })
    await rm(path.join(node.options.imagesDirectory, 'gone.iso'))
    await expect(node.hypervisor.startVm(vmId)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'DISK_FILE_MISSING',
    })
    expect((await node.hypervisor.observeVm(vmId))?.state).toBe('STOPPED')
  })

  test('on a network that is not there says so at the start', async () => {
    const vmId = await aVm(node, { nics: [{ network: 'nowhere' }] })
    await expect(node.hypervisor.startVm(vmId)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'NETWORK_NOT_FOUND',
      message: expect.stringContaining('nowhere'),
    })
  })

  /** The root ports that no device has, so that it can be plugged in later. */
  function freePortsOf(domain: XmlElement): number {
    const devices = find(domain, 'devices')
    const controllers = childrenOf(devices, 'controller')
    const ports = controllers.filter(({ attributes }) => attributes.get('model') === 'pcie-root-port')
    const numbers = new Set(ports.map(({ attributes }) => attributes.get('index')))
    for (const device of devices?.children ?? []) {
      const address = find(device, 'address')?.attributes
      if (address?.get('type') === 'pci') numbers.delete(String(Number(address.get('bus'))))
    }
    return numbers.size
  }

  /** Also of controllers that libvirt added. */
  const scsiModelsOf = (domain: XmlElement) =>
    childrenOf(find(domain, 'devices'), 'controller')
      .filter(({ attributes }) => attributes.get('type') === 'scsi')
      .map(({ attributes }) => attributes.get('model'))

  async function hasKvm(): Promise<boolean> {
    const args = { emulatorbin: null, arch: 'x86_64', machine: 'q35', virttype: 'kvm', flags: 0 }
    return node.connection.call(remote.connectGetDomainCapabilities, args).then(
      () => true,
      () => false,
    )
  }
})
