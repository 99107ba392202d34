import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestOses, guestOsProfiles } from '#db/guest-os/profiles.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { find, readXml } from '#worker/hypervisor/libvirt/xml/read.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, domainOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

/** One of those that have the same profile. */
const distinct = [...new Map(guestOses.map((guestOs) => [guestOsProfiles[guestOs], guestOs])).values()]

describe.skipIf(unavailable)(`a guest OS profile on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.addImage('installer.iso', 2 ** 20)
  })
  afterAll(() => node?.close())

  test.for(distinct)('makes a VM that starts: %s', async (guestOs, { skip }) => {
    const { firmware, secureBoot, tpm } = guestOsProfiles[guestOs]
    if (firmware === 'uefi' && !existsSync('/usr/share/qemu/firmware'))
      return skip('there is no UEFI firmware (package ovmf)')
    if (tpm && !existsSync('/usr/bin/swtpm_setup')) return skip('no TPM can be emulated (packages swtpm, swtpm-tools)')
    // The enlightenments need a KVM that has them: with them, `define.test.ts` defines each profile.
    const vmId = await aRunningVm(node, { guestOs, hyperv: [], cdroms: [{ iso: 'installer.iso' }] })
    expect((await node.hypervisor.observeVm(vmId))?.state).toBe('RUNNING')
    const loader = find(readXml(await readLiveXml(node.connection, await domainOf(node, vmId))), 'os', 'loader')
    expect(loader?.attributes.get('secure') === 'yes').toBe(secureBoot)
    await node.hypervisor.destroyVm(vmId)
    await node.hypervisor.undefineVm(vmId)
  })
})
