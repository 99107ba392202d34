import { execFile } from 'node:child_process'
import { AppError } from '#db/errors.ts'

/**
 * Where Debian and its kin have qemu-img, prlimit and setpriv, and the language in which their errors are read. One arena
 * for all threads: with glibc's own number, a commit reserves 1.3 GiB of addresses instead of 0.3.
 */
const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', MALLOC_ARENA_MAX: '1' }

/** A disk slower than this is as good as broken. */
const slowestBytesPerSecond = 2 ** 20
const leastTimeoutSeconds = 60

/** Measured: at most 0.3 GiB, and `check` two bytes for each cluster of 64 KiB, doubled as its table grows. */
const leastMemoryBytes = 2 ** 30
const bytesPerMemoryByte = 2 ** 14

/**
 * Runs qemu-img on the files of a VM. The format is always named, for a guest can write whatever it likes at the head of a
 * raw disk. It dies with this process, and QEMU's image locks keep it away from what a VM or another qemu-img uses.
 * `bytes` is the most that it copies, and bounds how long it may take and how much memory. The signal ends it; its reason
 * is thrown.
 */
export async function qemuImg(
  command: 'check' | 'commit' | 'compare' | 'convert' | 'create' | 'rebase' | 'resize',
  format: 'qcow2' | 'raw',
  args: readonly string[],
  bytes = 0,
  signal?: AbortSignal,
): Promise<void> {
  const seconds = leastTimeoutSeconds + Math.ceil(bytes / slowestBytesPerSecond)
  const memoryBytes = leastMemoryBytes + Math.ceil(bytes / bytesPerMemoryByte)
  const limits = [`--as=${memoryBytes}`, `--cpu=${seconds}`, '--core=0']
  const limited = ['prlimit', ...limits, '--', 'qemu-img', command, '-q', '-f', format, ...args]
  const options = { env, timeout: seconds * 1000, killSignal: 'SIGKILL', signal } as const
  await new Promise<void>((resolve, reject) => {
    execFile('setpriv', ['--pdeathsig', 'KILL', '--', ...limited], options, (error, _, stderr) => {
      if (signal?.aborted) reject(signal.reason)
      else if (error) reject(qemuImgError(stderr.trim() || error.message, error))
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
