import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { overlayVolume, vmPrefix } from '#worker/hypervisor/storage-names.ts'
import { volumePath } from '../disks.ts'
import { readLiveXml } from '../domain.ts'
import { qemuDiskOf, readQemuDisks } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainBlockCopyFlags as Copy, DomainSnapshotCreateFlags as Snapshot } from '../rpc/constants.gen.ts'
import { remote } from '../rpc/protocol.gen.ts'
import { readDiskImages } from '../xml/disk-images.ts'
import { domainSnapshotXml } from '../xml/domain-snapshot.ts'
import { renderXml } from '../xml/render.ts'
import type { CheckDeps } from './check-disks.ts'
import { closeForWriting } from './close-for-writing.ts'
import { finishJobs, requireActiveFiles } from './merge-running.ts'
import { readVmState, type VmState } from './state.ts'
import { readVmVolumes } from './volumes.ts'

interface Deps extends CheckDeps {
  /** For the calls that wait for the guest or for its disks. */
  slowConnection: LibvirtConnection
}

/**
 * Makes libvirt see that a file is no part of a chain any more. Until then it would open the file to merge others, and
 * write it into what it saves of the VM. It reads a chain from the files only where it copies a disk to one that is there
 * already: so the disk gets an empty overlay, and that is copied. Both are merged afterwards like any file that nothing needs.
 * An attempt that failed in between has left the disk on such an overlay: the next one goes on from it.
 */
export async function followPull(deps: Deps, vmId: string, pulled: string): Promise<void> {
  const { connection, slowConnection, pool } = deps
  const vm = await readVmState(connection, pool, vmId)
  const liveXml = await readLiveXml(connection, vm.dom)
  const disk = vm.disks.find(({ target }) => readDiskImages(liveXml, target).below.includes(pulled))
  if (!disk) return
  await requireActiveFiles(deps, vm)
  const { target, path: current, alias } = disk
  const open = alias === null ? undefined : qemuDiskOf(await readQemuDisks(connection, vm.dom), alias)
  if (!open) throw new AppError('unavailable', `QEMU does not have ${current} open.`)
  await closeForWriting(connection, vm.dom, open)
  const volume = (await readVmVolumes(pool, vmId)).get(path.basename(current))
  const isLeft = path.basename(current).startsWith(`${vmPrefix(vmId)}${target}.${begun}`)
  const backing = isLeft ? volume?.backing?.path : current
  if (!volume || !backing) throw new AppError('unavailable', `${current} cannot be read.`)
  const overlay = isLeft ? path.basename(current) : overlayVolume(vmId, target, `${begun}${randomUUID()}`)
  if (!isLeft) await putOn(deps, vm, target, overlay)

  const copy = overlay.replace(begun, done)
  // What a copy that failed wrote to it would hide what the disk holds now.
  await pool.remove(copy)
  await pool.create({ name: copy, capacityBytes: volume.capacityBytes, backing: { path: backing, format: 'qcow2' } })
  await slowConnection.call(remote.domainBlockCopy, {
    dom: vm.dom,
    path: target,
    destxml: copyXml(volumePath(pool, copy)),
    params: [],
    flags: Copy.SHALLOW | Copy.REUSE_EXT | Copy.TRANSIENT_JOB,
  })
  await finishJobs(deps, await readVmState(connection, pool, vmId))
}

/** What tells the overlay, and what it is copied to, from the files of snapshots and reverts. */
const begun = 'follow-'
const done = 'followed-'

async function putOn({ slowConnection, pool }: Deps, vm: VmState, diskTarget: string, overlay: string): Promise<void> {
  const disks = vm.live.disks.map(({ target }) => ({
    target,
    overlayPath: target === diskTarget ? volumePath(pool, overlay) : null,
  }))
  await slowConnection.call(remote.domainSnapshotCreateXml, {
    dom: vm.dom,
    xmlDesc: domainSnapshotXml({ name: overlay, memoryPath: null, disks }),
    flags: Snapshot.NO_METADATA | Snapshot.ATOMIC | Snapshot.DISK_ONLY,
  })
}

const copyXml = (file: string): string =>
  renderXml({ disk: { '@type': 'file', driver: { '@type': 'qcow2' }, source: { '@file': file } } })
