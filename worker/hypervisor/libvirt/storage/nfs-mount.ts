import { readFile } from 'node:fs/promises'
import { AppError } from '#db/errors.ts'

/**
 * Throws `failed_precondition` where no NFS export is mounted there as this process sees it: what is written would land on
 * the node's own disk, under the mount.
 */
export async function requireMounted(mountPoint: string): Promise<void> {
  if (isNfsMount(await readFile('/proc/self/mountinfo', 'utf8'), mountPoint)) return
  throw new AppError(
    'failed_precondition',
    `No export is mounted at ${mountPoint}, though libvirt says so. Somebody has unmounted it, or libvirt has mounts of its own.`,
    { reason: 'POOL_NOT_MOUNTED' },
  )
}

/** Whether what is mounted there last is NFS, in proc_pid_mountinfo(5). */
export function isNfsMount(mountInfo: string, mountPoint: string): boolean {
  const fields = mountInfo.split('\n').map((line) => line.split(' '))
  const last = fields.findLast((words) => words[4] !== undefined && decode(words[4]) === mountPoint)
  const type = last?.[last.indexOf('-') + 1]
  return type === 'nfs' || type === 'nfs4'
}

/** Blanks and backslashes stand there as `\040`. */
const decode = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
