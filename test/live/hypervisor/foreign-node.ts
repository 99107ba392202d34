import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { foreignDefinition, type foreignNames } from '#test/worker/hypervisor/libvirt/foreign-definitions.ts'
import type { LibvirtNode } from './libvirt-node.ts'

const run = promisify(execFile)

/** Somebody on the node who works with libvirt's own tool, past us. */
export const virshOn = (node: Pick<LibvirtNode, 'host'>) => {
  const virsh = async (...args: string[]): Promise<string> =>
    (await run('virsh', ['--quiet', '-c', node.host.uri, ...args])).stdout
  const write = async (xml: string): Promise<string> => {
    const file = path.join(node.host.directory, `${randomUUID()}.xml`)
    await writeFile(file, xml)
    return file
  }
  return {
    virsh,
    define: async (xml: string) => virsh('define', await write(xml)),
    create: async (xml: string) => virsh('create', await write(xml)),
    /** Both definitions as libvirt prints them; of what runs also the other one. */
    dump: async (domain: string) => ({
      inactive: await virsh('dumpxml', '--inactive', '--security-info', domain),
      live: await virsh('dumpxml', '--security-info', domain),
    }),
  }
}

/** One of the definitions that other programs write, with a UUID and a name of its own, and so that it runs without KVM. */
export function anyDefinition(name: (typeof foreignNames)[number]): { id: string; xml: string } {
  const id = randomUUID()
  const xml = foreignDefinition(name)
    .replace(/<uuid>.*?<\/uuid>/, `<uuid>${id}</uuid>`)
    .replace(/<entry name="uuid">.*?<\/entry>/, `<entry name="uuid">${id}</entry>`)
  return { id, xml }
}

/** A small domain that runs anywhere, on a disk of 1 GiB beside our pool or on that one, with devices that a spec has no words for. */
export async function aForeignDomain(
  node: LibvirtNode,
  { disk }: { disk?: string } = {},
): Promise<{ id: string; name: string; xml: string; file: string }> {
  const name = `foreign-${randomUUID().slice(0, 8)}`
  const directory = path.join(node.host.directory, 'elsewhere')
  await mkdir(directory, { recursive: true })
  const file = disk ?? path.join(directory, `${name}.qcow2`)
  if (!disk) await run('qemu-img', ['create', '-q', '-f', 'qcow2', file, '1G'])
  const id = randomUUID()
  const xml = `<domain type='qemu'>
  <name>${name}</name>
  <uuid>${id}</uuid>
  <description>made by hand</description>
  <metadata><app:note xmlns:app="urn:app:1">keep me</app:note></metadata>
  <memory unit='KiB'>65536</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/></features>
  <cpu mode='custom' match='exact' check='none'><model fallback='forbid'>Nehalem</model></cpu>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/><source file='${file}'/><target dev='vda' bus='virtio'/><serial>KEEP-1</serial>
    </disk>
    <sound model='ich9'/>
    <input type='tablet' bus='usb'/>
    <parallel type='null'/>
    <video><model type='cirrus'/></video>
    <graphics type='vnc' autoport='yes' passwd='secret'/>
  </devices>
</domain>`
  return { id, name, xml, file }
}
