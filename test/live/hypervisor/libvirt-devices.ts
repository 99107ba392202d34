import path from 'node:path'
import type { DevicesSeen } from '#test/worker/hypervisor/device-contract.ts'
import { readInactiveXml, readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import type { LibvirtNode } from './libvirt-node.ts'
import { domainOf } from './node-vms.ts'

/** The devices of a VM in its two definitions. */
export async function libvirtDevices(node: Pick<LibvirtNode, 'connection'>, vmId: string) {
  const dom = await domainOf(node, vmId)
  const [live, inactive] = await Promise.all([readLiveXml(node.connection, dom), readInactiveXml(node.connection, dom)])
  return { live: devicesIn(live), inactive: devicesIn(inactive) }
}

function devicesIn(xml: string): DevicesSeen {
  const { disks } = readDomain(xml)
  const drives = disks.filter(({ device }) => device === 'cdrom')
  return {
    disks: disks.filter(({ device }) => device === 'disk').map(({ target }) => target),
    media: Object.fromEntries(drives.map(({ target, path: file }) => [target, file && path.basename(file)])),
    nics: [...xml.matchAll(/<interface .*?<mac address='([^']*)'/gs)].map(([, mac]) => mac ?? ''),
  }
}
