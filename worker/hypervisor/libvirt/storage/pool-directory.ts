import { lstat, mkdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { isBelow, pathNotAllowed, sourceTaken } from '#worker/hypervisor/storage-rules.ts'
import type { UserIds } from '../access.ts'
import { requireReachable } from '../pool-access.ts'

interface Rules {
  qemuUser: UserIds
  /** Pools are below one of them; absolute. */
  allowed: readonly string[]
  /** Whose directories no pool may be, hold, or lie in. */
  taken: readonly { directory: string; owner: string }[]
}

/**
 * The directory of a pool without links, made where it is missing. Throws `failed_precondition` where it is not below an
 * allowed one, overlaps with another one's, or QEMU cannot get there.
 */
export async function openPoolDirectory(wanted: string, { qemuUser, allowed, taken }: Rules): Promise<string> {
  const directory = await resolveMissing(path.resolve(wanted))
  const roots = await Promise.all(allowed.map((root) => resolveMissing(path.resolve(root))))
  if (!roots.some((root) => isBelow(root, directory))) throw pathNotAllowed(wanted, allowed)
  for (const { directory: other, owner } of taken) {
    const theirs = await resolveMissing(other)
    if (theirs === directory || isBelow(theirs, directory) || isBelow(directory, theirs)) {
      throw sourceTaken(`${directory} overlaps with ${theirs}, ${owner}.`)
    }
  }
  await mkdir(directory, { recursive: true, mode: 0o711 }).catch((error) => {
    throw notAPlace(directory, error)
  })
  await requireReachable(qemuUser, directory)
  await requirePoolDirectory(directory)
  return directory
}

/** Throws `failed_precondition` where the directory of a pool is gone, or was replaced by a link. */
export async function requirePoolDirectory(directory: string): Promise<void> {
  const [stats, real] = await Promise.all([lstat(directory), realpath(directory)]).catch(() => [null, null] as const)
  if (stats?.isDirectory() && real === directory) return
  throw new AppError(
    'failed_precondition',
    `The directory ${directory} of the storage pool is gone, or no longer the one that it was. Put it back, or make the pool again.`,
    { reason: 'POOL_DIRECTORY_MISSING' },
  )
}

/** The path without links, of which the end may not exist yet. */
async function resolveMissing(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    // A link that leads nowhere is there all the same.
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && !(await lstat(file).catch(() => null))
    if (!isMissing) throw notAPlace(file, error)
    return path.join(await resolveMissing(path.dirname(file)), path.basename(file))
  }
}

const notAPlace = (file: string, cause: unknown): AppError =>
  new AppError('failed_precondition', `${file} is no directory that the node can get to, or make.`, {
    reason: 'POOL_PATH_NOT_ALLOWED',
    cause,
  })
