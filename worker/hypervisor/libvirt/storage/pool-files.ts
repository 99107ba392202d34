import { lstat, readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { PoolFile } from '#worker/hypervisor/storage-calls.ts'
import { directoryNotFound, directoryTooLarge, isBelow } from '#worker/hypervisor/storage-rules.ts'
import { nullIfMissing } from './file-volumes.ts'

/** An answer of gRPC has room for them: its readers take 4 MiB unless told otherwise. */
const listedMax = 10_000

/**
 * What is in a directory of a pool, by name. Throws where the way there leads out of the pool, also by a link, and
 * `resource_exhausted` where there is too much for one answer.
 */
export async function listPoolFiles(poolId: string, root: string, directory: string): Promise<PoolFile[]> {
  requireRelative(directory)
  const real = await realpath(path.join(root, directory)).catch(() => null)
  const isInside = real !== null && (real === root || isBelow(root, real))
  if (!isInside || !(await lstat(real)).isDirectory()) throw directoryNotFound(poolId, directory)
  const names = await readdir(real)
  if (names.length > listedMax) throw directoryTooLarge(listedMax)
  const found: PoolFile[] = []
  for (const name of names.sort()) {
    const stats = await lstat(path.join(real, name)).catch(nullIfMissing)
    if (!stats) continue
    found.push({
      name,
      isDirectory: stats.isDirectory(),
      sizeBytes: stats.size,
      modifiedAt: stats.mtime.toISOString(),
      mode: stats.mode & 0o777,
    })
  }
  return found
}

function requireRelative(directory: string): void {
  if (/^(?!\/)[^\p{C}]{0,1024}$/u.test(directory) && !directory.split('/').includes('..')) return
  throw new AppError('invalid_argument', 'The directory must be a path in the pool, without .. in it.', {
    reason: 'INVALID_PATH',
  })
}
