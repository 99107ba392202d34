import { readdir, readFile, stat } from 'node:fs/promises'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { qmp, readQemuDisks } from '#worker/hypervisor/libvirt/qmp.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { type Domain, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'

const mib = 2 ** 20

export const domainOf = async (connection: LibvirtConnection, uuid: string): Promise<Domain> =>
  (await connection.call(remote.domainLookupByUuid, { uuid })).dom

/** The file that the only disk of a running domain writes to. */
export async function diskPath(connection: LibvirtConnection, dom: Domain): Promise<string> {
  const file = readDomain(await readLiveXml(connection, dom)).disks[0]?.path
  if (!file) throw new Error('the domain has no disk')
  return file
}

/** Writes to the disk as the guest would. */
export async function writeDisk(connection: LibvirtConnection, uuid: string, atMib: number, lengthMib: number) {
  const dom = await domainOf(connection, uuid)
  const [disk] = await readQemuDisks(connection, dom)
  for (const command of [`write -P 7 ${atMib * mib} ${lengthMib * mib}`, 'flush']) {
    await qmp(connection, dom, 'human-monitor-command', { 'command-line': `qemu-io -d ${disk?.qdev} "${command}"` })
  }
}

/** The smaller of the file that is written to and the one below it, as they are on the disk. */
export async function smallerSide(connection: LibvirtConnection, uuid: string): Promise<number> {
  const [disk] = await readQemuDisks(connection, await domainOf(connection, uuid))
  const sides = await Promise.all((disk?.chain ?? []).slice(0, 2).map(async (file) => (await stat(file)).blocks * 512))
  return Math.min(...sides)
}

/** What the domain's QEMU has written to files since it started, https://docs.kernel.org/filesystems/proc.html. */
export async function bytesWritten(uuid: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (!command.includes('qemu-system') || !command.includes(uuid)) continue
    return Number(/^wchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1])
  }
  throw new Error(`no QEMU runs ${uuid}`)
}
