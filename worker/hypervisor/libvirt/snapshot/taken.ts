import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { SnapshotTaken } from '#worker/hypervisor/snapshot-calls.ts'
import { memoryVolume, nvramCopyVolume, overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { volumePath } from '../disks.ts'
import { readVersions } from '../node.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { withDiskSources } from '../xml/disk-sources.ts'
import { healInactive } from './heal-inactive.ts'
import type { JournalEntry } from './journal.ts'
import { readDefinitions, type VmState, vmStateOf } from './state.ts'
import { readVmVolumes } from './volumes.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
}

/** Whether the VM writes to this snapshot's overlays already; without disks, whether its memory is saved completely. */
export async function isTaken({ connection, pool }: Deps, vm: VmState, snapshotId: string): Promise<boolean> {
  if (vm.disks.length > 0) {
    return vm.disks.every(
      ({ target, path: file }) => path.basename(file) === overlayVolume(vm.vmId, target, snapshotId),
    )
  }
  const file = volumePath(pool, memoryVolume(vm.vmId, snapshotId))
  try {
    await connection.call(remote.domainSaveImageGetXmlDesc, { file, flags: 0 })
    return true
  } catch (error) {
    // Missing, or begun and not ended: libvirt marks an image as complete last.
    if (isLibvirtError(error)) return false
    throw error
  }
}

/**
 * What there is of a snapshot that is taken, with the inactive definition brought after it.
 * `sizeBytes` is what its files take on the node now: the saved memory and the frozen disk files.
 */
export async function describeTaken(
  { connection, pool }: Deps,
  dom: Domain,
  entry: JournalEntry,
): Promise<SnapshotTaken> {
  const { vmId, snapshotId, kind } = entry
  const [definitions, volumes, versions] = await Promise.all([
    readDefinitions(connection, dom),
    readVmVolumes(pool, vmId),
    readVersions(connection),
  ])
  const vm = vmStateOf(pool, vmId, definitions)
  const disks = vm.disks.map(({ target }): SnapshotDisk => {
    const overlay = overlayVolume(vmId, target, snapshotId)
    const frozen = volumes.get(overlay)?.backing?.path
    if (frozen) return { target, volume: path.basename(frozen) }
    throw new AppError('unavailable', `Overlay ${overlay} cannot be read.`)
  })
  const changes = disks.map(({ target, volume }) => ({
    from: volumePath(pool, volume),
    to: volumePath(pool, overlayVolume(vmId, target, snapshotId)),
  }))
  const inactiveXml = await healInactive(connection, vm, changes)
  const savedMemory = kind === 'memory' ? memoryVolume(vmId, snapshotId) : null
  const keptNvram = volumes.has(nvramCopyVolume(vmId, snapshotId)) ? nvramCopyVolume(vmId, snapshotId) : null
  const files = [...disks.map(({ volume }) => volume), savedMemory, keptNvram].filter((file) => file !== null)
  return {
    kind,
    consistency: entry.consistency,
    ...freezeOf(entry),
    disks,
    memoryVolume: savedMemory,
    nvramVolume: keptNvram,
    sizeBytes: files.reduce((sum, name) => sum + (volumes.get(name)?.allocationBytes ?? 0), 0),
    effectiveCpu: entry.effectiveCpu,
    machineType: vm.live.machineType,
    domainXml: withDiskSources(
      inactiveXml,
      changes.map(({ from, to }) => ({ from: to, to: from })),
    ),
    ...versions,
  }
}

/**
 * What people are told of the freeze; the time is from asking for it until the guest was seen thawed, or until now. One that
 * a token holds is none of the snapshot's after the disks were taken.
 */
function freezeOf({ consistency, notice, freeze, settled }: JournalEntry): Pick<SnapshotTaken, 'notice' | 'freeze'> {
  if (consistency !== 'quiesced' || freeze === null) return { notice, freeze: null }
  const endedAt = freeze.thawedAt ?? (settled ? freeze.takenAt : null)
  const end = endedAt === null ? Date.now() : Date.parse(endedAt)
  return {
    notice: settled ? notice : 'The guest has not been seen thawed yet; its node goes on thawing it.',
    // The wall clock may have been set back meanwhile.
    freeze: { fileSystems: freeze.fileSystems, durationMs: Math.max(0, end - Date.parse(freeze.askedAt)) },
  }
}
