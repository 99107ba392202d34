import { AppError } from '#db/errors.ts'
import { memorySnapshotBlockedError } from '#db/rules/memory-snapshot.ts'
import { memoryVolume, overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { volumePath } from '../disks.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { ErrorCode, DomainSnapshotCreateFlags as Flags } from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { remote } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { domainSnapshotXml } from '../xml/domain-snapshot.ts'
import type { VmState } from './state.ts'
import type { VmVolumes } from './volumes.ts'

/** Writing a large VM's memory to a slow disk; libvirt goes on after it, and the next attempt finds what it did. */
const memoryTimeoutMs = 30 * 60_000
const disksTimeoutMs = 120_000

interface Deps {
  slowConnection: LibvirtConnection
  pool: StoragePool
}

/**
 * Asks libvirt for the snapshot: external, all disks at once or none, and no trace in libvirt's own list.
 * The guest stands still while its memory is written: the file stays no larger than the memory that is used, and a busy
 * guest cannot dirty memory faster than it is written. LIVE would let it run on, for a larger file and no bound in time.
 */
export async function takeActive({ slowConnection, pool }: Deps, vm: VmState, snapshotId: string, withMemory: boolean) {
  const memoryPath = withMemory ? volumePath(pool, memoryVolume(vm.vmId, snapshotId)) : null
  const flags = Flags.NO_METADATA | Flags.ATOMIC | (withMemory ? 0 : Flags.DISK_ONLY)
  try {
    await slowConnection.call(
      remote.domainSnapshotCreateXml,
      { dom: vm.dom, xmlDesc: snapshotXml(pool, vm, snapshotId, memoryPath), flags },
      { timeoutMs: withMemory ? memoryTimeoutMs : disksTimeoutMs },
    )
  } catch (error) {
    if (isBlockedByCpu(error)) throw memorySnapshotBlockedError(vm.vmId, vm.live.cpu, error)
    throw error
  }
}

/**
 * The overlays of a stopped VM are made through the storage API, private to their owner: libvirt before 11.10.0 makes
 * them readable for everybody (CVE-2025-13193). libvirt only switches over to them, all at once.
 */
export async function takeStopped(
  { slowConnection, pool }: Deps,
  vm: VmState,
  snapshotId: string,
  volumes: VmVolumes,
): Promise<void> {
  for (const { target, path } of vm.disks) {
    const frozen = [...volumes.values()].find((volume) => volume.path === path)
    if (!frozen)
      throw new AppError('failed_precondition', `Disk ${target}'s file ${path} is missing.`, { reason: 'DISK_MISSING' })
    await pool.create({
      name: overlayVolume(vm.vmId, target, snapshotId),
      capacityBytes: frozen.capacityBytes,
      backing: { path, format: 'qcow2' },
    })
  }
  await slowConnection.call(
    remote.domainSnapshotCreateXml,
    {
      dom: vm.dom,
      xmlDesc: snapshotXml(pool, vm, snapshotId, null),
      flags: Flags.NO_METADATA | Flags.ATOMIC | Flags.DISK_ONLY | Flags.REUSE_EXT,
    },
    { timeoutMs: disksTimeoutMs },
  )
}

const snapshotXml = (pool: StoragePool, vm: VmState, snapshotId: string, memoryPath: string | null): string =>
  domainSnapshotXml({
    name: snapshotId,
    memoryPath,
    disks: vm.live.disks.map(({ target }) => ({
      target,
      overlayPath: vm.disks.some((disk) => disk.target === target)
        ? volumePath(pool, overlayVolume(vm.vmId, target, snapshotId))
        : null,
    })),
  })

/** libvirt uses code 55 for a hundred things; its text tells this one. */
const isBlockedByCpu = (error: unknown): boolean =>
  isLibvirtError(error, ErrorCode.OPERATION_INVALID) && /non-migratable CPU device|invtsc/.test(error.message)
