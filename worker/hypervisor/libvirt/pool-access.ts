import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { hasAccess, type UserIds } from './access.ts'

/**
 * Throws `failed_precondition` when QEMU's user cannot get to the pool's directory: every start of a VM would fail with
 * a "Permission denied" that names neither the user nor the directory that is closed.
 */
export async function requireReachable(qemuUser: UserIds, poolDirectory: string): Promise<void> {
  await mkdir(poolDirectory, { recursive: true, mode: 0o711 })
  const closed = await findClosed(qemuUser, poolDirectory)
  if (closed === null) return
  throw new AppError(
    'failed_precondition',
    `${cannotEnter(qemuUser, closed)}, so no VM can use a disk in ${poolDirectory}. ` +
      `Put the state directory elsewhere (QUANTIX_STATE, /var/lib/quantix say), or let that user enter: chmod o+x ${closed}`,
    { reason: 'POOL_NOT_REACHABLE' },
  )
}

/** Throws `failed_precondition` when QEMU's user cannot get to the images, before a VM is made that could not start. */
export async function requireImagesReachable(qemuUser: UserIds, imagesDirectory: string): Promise<void> {
  const closed = await findClosed(qemuUser, imagesDirectory)
  if (closed === null) return
  throw new AppError(
    'failed_precondition',
    `${cannotEnter(qemuUser, closed)}, so no VM can use an image in ${imagesDirectory}. ` +
      `Put the images elsewhere (QUANTIX_IMAGES), or let that user enter: chmod o+x ${closed}`,
    { reason: 'IMAGES_NOT_REACHABLE' },
  )
}

const cannotEnter = ({ uid, gid }: UserIds, directory: string): string =>
  `QEMU's user (uid ${uid}, gid ${gid}) cannot enter ${directory}`

/** The first directory on the way down that the user cannot enter; null where there is none. */
async function findClosed(user: UserIds, directory: string): Promise<string | null> {
  for (const step of ancestorsOf(directory)) {
    if (!(await hasAccess(user, step, ['x']))) return step
  }
  return null
}

/** From the root down to the directory itself. */
function ancestorsOf(directory: string): string[] {
  const parent = path.dirname(directory)
  return parent === directory ? [directory] : [...ancestorsOf(parent), directory]
}
