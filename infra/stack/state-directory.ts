import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { Settings } from '#db/settings.ts'
import { placeWithinReach } from '../placement.ts'
import { postgresUser } from '../postgres.ts'
import { type ProcessLock, tryLock } from '../process-lock.ts'
import type { HypervisorChoice } from '../setup/machine.ts'
import { findUser, isRoot, type SystemUser } from '../system-user.ts'

export interface StateDirectory {
  /** Where everything really is. */
  path: string
  images: string
  lock: ProcessLock
}

/**
 * Makes the state directory and takes it for this process alone. As root, PostgreSQL and QEMU run as users of their own:
 * where one of them cannot enter the directory that was asked for, another is taken, and said.
 * Throws `failed_precondition` when another process serves it.
 */
export async function takeStateDirectory(
  settings: Settings,
  hypervisor: HypervisorChoice,
  say: (line: string) => void,
): Promise<StateDirectory> {
  const lock = await tryLock(`state ${settings.stateDirectory}`)
  if (!lock) {
    throw new AppError(
      'failed_precondition',
      `${settings.stateDirectory} is served by another Quantix on this machine. Stop that one, or set QUANTIX_STATE, QUANTIX_PORT and QUANTIX_GRPC_PORT for a second one`,
    )
  }
  let directory = settings.stateDirectory
  for (const user of await otherUsers(settings, hypervisor, say)) {
    const reachable = await placeWithinReach(user, directory)
    if (reachable !== directory)
      say(`The user ${user.name} cannot enter ${directory}: the state is kept in ${reachable}`)
    directory = reachable
  }
  const isDefault = settings.imagesDirectory === path.join(settings.stateDirectory, 'images')
  const images = isDefault ? path.join(directory, 'images') : settings.imagesDirectory
  for (const made of [directory, images]) await mkdir(made, { recursive: true, mode: 0o755 })
  return { path: directory, images, lock }
}

/** Who besides us must reach the state. */
async function otherUsers(
  settings: Settings,
  hypervisor: HypervisorChoice,
  say: (line: string) => void,
): Promise<SystemUser[]> {
  if (!isRoot()) return []
  const database = settings.databaseUrl === undefined ? await postgresUser(say) : null
  // Debian's name for QEMU's user, then Fedora's.
  const qemu = hypervisor.kind === 'libvirt' ? ((await findUser('libvirt-qemu')) ?? (await findUser('qemu'))) : null
  return [database, qemu].filter((user) => user !== null)
}
