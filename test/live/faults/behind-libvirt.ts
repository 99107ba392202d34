import { execFileSync } from 'node:child_process'
import { eventually } from '#test/db/eventually.ts'
import { qmp, readQemuDisks, readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import { domainOf } from '../hypervisor/node-vms.ts'

type Node = Pick<LibvirtNode, 'connection'>

/** What a libvirtd killed in the middle of a snapshot leaves: QEMU writes to an overlay that no definition names. */
export async function switchBehindLibvirt(
  node: Node,
  vmId: string,
  base: string,
  overlay: string,
  nodeName?: string,
): Promise<void> {
  const dom = await domainOf(node, vmId)
  const disk = (await readQemuDisks(node.connection, dom)).find(({ chain }) => chain[0] === base)
  const opened = await openBehindLibvirt(node, vmId, base, overlay, nodeName)
  await qmp(node.connection, dom, 'blockdev-snapshot', { node: disk?.nodeName, overlay: opened })
}

/** What one killed a little earlier leaves: an overlay that is open, and used for nothing. Resolves to its node. */
export async function openBehindLibvirt(
  node: Node,
  vmId: string,
  base: string,
  overlay: string,
  nodeName = 'libvirt-99',
): Promise<string> {
  const dom = await domainOf(node, vmId)
  const backing = ['-b', base, '-F', 'qcow2']
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-u', ...backing, overlay, '1G'])
  const file = `${nodeName}-storage`
  await qmp(node.connection, dom, 'blockdev-add', { driver: 'file', 'node-name': file, filename: overlay })
  const format = { driver: 'qcow2', 'node-name': `${nodeName}-format`, file, backing: null }
  await qmp(node.connection, dom, 'blockdev-add', format)
  return `${nodeName}-format`
}

/** What a libvirtd killed in the middle of a pivot can leave: QEMU has merged its overlay, and may have closed it. */
export async function mergeBehindLibvirt(node: Node, vmId: string, closes: boolean): Promise<void> {
  const dom = await domainOf(node, vmId)
  const [disk] = await readQemuDisks(node.connection, dom)
  const below = (await readQemuNodes(node.connection, dom)).filter(({ file }) => file === disk?.chain[1])
  const base = below.find(({ drv }) => drv === 'qcow2')?.['node-name']
  const top = disk?.nodeName ?? ''
  await qmp(node.connection, dom, 'block-commit', { device: top, 'base-node': base, 'job-id': 'merge' })
  const jobs = () => qmp<{ ready: boolean }[]>(node.connection, dom, 'query-block-jobs')
  await eventually(async () => (await jobs()).every(({ ready }) => ready))
  await qmp(node.connection, dom, 'block-job-complete', { device: 'merge' })
  await eventually(async () => (await jobs()).length === 0)
  if (!closes) return
  for (const name of [top, top.replace('-format', '-storage')]) {
    await qmp(node.connection, dom, 'blockdev-del', { 'node-name': name })
  }
}

/** Writes to a disk of a VM that runs or stands still, as its guest would. */
export async function writeAsGuest(node: Node, vmId: string, byte: number, slot: number, alias = 'virtio-disk0') {
  await hmp(node, vmId, alias, `write -P ${byte} ${slot * slotBytes} ${slotBytes}`)
  await hmp(node, vmId, alias, 'flush')
}

/** Throws when the guest would not read that. */
export async function expectAsGuest(node: Node, vmId: string, byte: number, slot: number, alias = 'virtio-disk0') {
  await hmp(node, vmId, alias, `read -P ${byte} ${slot * slotBytes} ${slotBytes}`)
}

/** Throws when a stopped VM would not read that from its disk's file. */
export function expectInFile(file: string, byte: number, slot: number): void {
  const read = `read -P ${byte} ${slot * slotBytes} ${slotBytes}`
  const says = execFileSync('qemu-io', ['-r', '-f', 'qcow2', '-c', read, file], { encoding: 'utf8', stdio: 'pipe' })
  if (says.includes('failed')) throw new Error(`${file}: ${read}: ${says}`)
}

const slotBytes = 65_536

async function hmp(node: Node, vmId: string, alias: string, command: string): Promise<void> {
  const dom = await domainOf(node, vmId)
  const disk = (await readQemuDisks(node.connection, dom)).find(({ qdev }) => qdev.split('/').includes(alias))
  const line = `qemu-io -d ${disk?.qdev} "${command}"`
  const says = await qmp<string>(node.connection, dom, 'human-monitor-command', { 'command-line': line })
  if (/failed|Error|error/.test(says)) throw new Error(`${command}: ${says}`)
}
