import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import { readInactiveXml, readLiveXml, readRunState, requireDomain } from '../domain.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { type DomainFacts, readDomain } from '../xml/read-domain.ts'

/** A VM's definitions at one moment. */
export interface VmDefinitions {
  dom: Domain
  state: RunState
  /** The definition that runs; of a stopped VM the inactive one. */
  live: DomainFacts
  inactive: DomainFacts
  inactiveXml: string
}

/** A VM at one moment, as far as snapshots care. */
export interface VmState extends VmDefinitions {
  vmId: string
  /** The disks that a snapshot takes, with the file that each writes to now. */
  disks: { target: string; alias: string | null; path: string }[]
}

/** Reads the VM. Throws `not_found`, and `failed_precondition` for a disk that is no file of the worker's pool. */
export async function readVmState(connection: LibvirtConnection, pool: StoragePool, vmId: string): Promise<VmState> {
  return vmStateOf(pool, vmId, await readDefinitions(connection, await requireDomain(connection, vmId)))
}

export async function readDefinitions(connection: LibvirtConnection, dom: Domain): Promise<VmDefinitions> {
  const [state, liveXml, inactiveXml] = await Promise.all([
    readRunState(connection, dom),
    readLiveXml(connection, dom),
    readInactiveXml(connection, dom),
  ])
  const inactive = readDomain(inactiveXml)
  const live = state === 'STOPPED' ? inactive : readDomain(liveXml)
  return { dom, state, live, inactive, inactiveXml }
}

/** Throws `failed_precondition` for a disk that is no file of the worker's pool. */
export const vmStateOf = (pool: StoragePool, vmId: string, definitions: VmDefinitions): VmState => ({
  vmId,
  ...definitions,
  disks: ownDisks(definitions.live, pool),
})

function ownDisks(facts: DomainFacts, pool: StoragePool): VmState['disks'] {
  return facts.disks
    .filter(({ device, readOnly }) => device === 'disk' && !readOnly)
    .map(({ target, alias, path: file }) => {
      if (file !== null && path.dirname(file) === pool.directory) return { target, alias, path: file }
      throw diskNotManaged(target, file ?? 'no file')
    })
}

/** The refusal of what would need a disk to be a file of the worker's pool. */
export const diskNotManaged = (target: string, what: string): AppError =>
  new AppError(
    'failed_precondition',
    `Disk ${target} is ${what}, which is not in this worker's pool: detach it to take snapshots.`,
    { reason: 'DISK_NOT_MANAGED' },
  )
