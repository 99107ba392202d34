import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { DiskProblem } from '#db/schema/vm.ts'
import { vmPrefix } from '#worker/hypervisor/storage-names.ts'
import { findDomain, readRunState } from './domain.ts'
import { writtenByQemu } from './file-locks.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import type { StoragePool } from './storage-pool.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
}

/** A program that was killed lets go of its files a moment later. */
const letGoWithinMs = 500
const lookMs = 50

/**
 * A QEMU that runs a VM which libvirt has off, or does not have at all; null where there is none. A libvirtd that was
 * killed while it wrote down the end of a merge cannot read that again at its start ("unknown mirror job type"; 9.0),
 * and forgets the QEMU. Any start, snapshot or merge would go on behind the back of its guest.
 */
export async function findLostQemu({ connection, pool }: Deps, vmId: string): Promise<DiskProblem | null> {
  const end = Date.now() + letGoWithinMs
  for (;;) {
    if (!(await isOff(connection, vmId))) return null
    const [file] = await writtenByQemu(await filesOf(pool, vmId))
    if (file === undefined) return null
    if (Date.now() > end) return lost(file)
    await sleep(lookMs)
  }
}

/** Throws `failed_precondition` where a QEMU runs the VM that libvirt knows nothing of. */
export async function requireNoLostQemu(deps: Deps, vmId: string): Promise<void> {
  const problem = await findLostQemu(deps, vmId)
  if (problem) throw new AppError('failed_precondition', problem.message, { reason: problem.reason })
}

async function isOff(connection: LibvirtConnection, vmId: string): Promise<boolean> {
  const dom = await findDomain(connection, vmId)
  return !dom || (await readRunState(connection, dom)) === 'STOPPED'
}

const filesOf = async ({ directory }: StoragePool, vmId: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith(vmPrefix(vmId))).map((name) => path.join(directory, name))

const lost = (file: string): DiskProblem => ({
  reason: 'QEMU_LOST_BY_LIBVIRT',
  message:
    `libvirt has the VM off, and a program writes to its disk ${file}: most likely its QEMU still runs, and a libvirtd that ` +
    `was restarted has lost it. Find it on the node (fuser ${file}), shut its guest down where it can be reached, and end it ` +
    '(kill); what was written stays. Then start the VM.',
})
