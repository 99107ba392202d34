import { chmod, chown, readFile, stat } from 'node:fs/promises'
import { isRoot } from '../system-user.ts'

const device = '/dev/kvm'
const groupReadWrite = 0o660

/**
 * Gives /dev/kvm to the group kvm, as udev does where it runs: libvirt's QEMU user is in that group, and without access
 * each start of a KVM domain fails only after a minute. Does nothing where there is no device, or no right to change it.
 */
export async function prepareKvm(say: (line: string) => void): Promise<void> {
  const found = await stat(device).catch(() => null)
  const group = await groupId('kvm')
  if (!found || group === null || !isRoot()) return
  if (found.gid === group && (found.mode & groupReadWrite) === groupReadWrite) return
  say(`Giving ${device} to the group kvm, so that QEMU may use it`)
  await chown(device, 0, group)
  await chmod(device, groupReadWrite)
}

async function groupId(name: string): Promise<number | null> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '')
  const line = groups.split('\n').find((entry) => entry.startsWith(`${name}:`))
  return line ? Number(line.split(':')[2]) : null
}
