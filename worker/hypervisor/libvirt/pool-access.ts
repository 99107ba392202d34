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
  for (const directory of ancestorsOf(poolDirectory)) {
    if (await hasAccess(qemuUser, directory, ['x'])) continue
    throw new AppError(
      'failed_precondition',
      `QEMU's user (uid ${qemuUser.uid}, gid ${qemuUser.gid}) cannot enter ${directory}, so no VM can use a disk in ${poolDirectory}. ` +
        `Put the state directory elsewhere (QUANTIX_STATE, /var/lib/quantix say), or let that user enter: chmod o+x ${directory}`,
      { reason: 'POOL_NOT_REACHABLE' },
    )
  }
}

/** From the root down to the directory itself. */
function ancestorsOf(directory: string): string[] {
  const parent = path.dirname(directory)
  return parent === directory ? [directory] : [...ancestorsOf(parent), directory]
}
