import { execFile } from 'node:child_process'
import { AppError } from '#db/errors.ts'

/** Where Debian and its kin have qemu-img and setpriv, and the language in which their errors are read. */
const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }

/** A disk slower than this is as good as broken. */
const slowestBytesPerMs = 2 ** 20 / 1000
const leastTimeoutMs = 60_000

/**
 * Runs qemu-img on the files of a VM; every format is to be named, for a guest can write whatever it likes at the head
 * of a raw disk. It dies with this process, and QEMU's image locks keep it away from what a VM or another qemu-img uses.
 * `bytes` is the most that it copies, and bounds how long it may take.
 */
export async function qemuImg(args: readonly string[], bytes = 0): Promise<void> {
  const tied = ['--pdeathsig', 'KILL', '--', 'qemu-img', ...args]
  const timeout = leastTimeoutMs + Math.ceil(bytes / slowestBytesPerMs)
  await new Promise<void>((resolve, reject) => {
    execFile('setpriv', tied, { env, timeout, killSignal: 'SIGKILL' }, (error, _, stderr) => {
      if (error) reject(qemuImgError(stderr.trim() || error.message, error))
      else resolve()
    })
  })
}

function qemuImgError(says: string, cause: Error): AppError {
  if (/No space left on device|Disk quota exceeded/.test(says)) {
    return new AppError('resource_exhausted', 'The node has no disk space left. Free some, then try again.', {
      reason: 'NODE_DISK_FULL',
      cause,
    })
  }
  if (/Failed to get .* lock/.test(says)) {
    return new AppError('unavailable', 'Another program has the disk open.', { reason: 'DISK_BUSY', cause })
  }
  return new AppError('internal', `qemu-img failed: ${says}`, { reason: 'HYPERVISOR_ERROR', cause })
}
