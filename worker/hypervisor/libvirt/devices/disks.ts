import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { hotplugRefusal } from '#db/rules/hotplug.ts'
import type { DiskSpec, VmSpec } from '#db/vm-spec.ts'
import type { DiskAttach, DiskDetach, DiskResize } from '#worker/hypervisor/device-calls.ts'
import { volumePath } from '../disks.ts'
import { hadQemu, readInactiveXml, requireDomain } from '../domain.ts'
import { qemuImg } from '../qemu-img.ts'
import { readQemuNodes } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainBlockResizeFlags } from '../rpc/constants.gen.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import { readDefinitions } from '../snapshot/state.ts'
import type { StoragePool } from '../storage-pool.ts'
import { disk, scsiController } from '../xml/disk.ts'
import { controllerKey, diskKey } from '../xml/edit-devices.ts'
import { readDomain } from '../xml/read-domain.ts'
import { addToDefinition, removeFromDefinition } from './next-start.ts'
import { findPlugged, isOn, type PlugDeps, plug, unplug } from './plug.ts'

interface Deps extends PlugDeps {
  pool: StoragePool
}

/** Plugs a disk in: first where the next start looks, which says at which place, then into what runs. */
export async function attachDisk(deps: Deps, { vmId, target, volume, spec }: DiskAttach): Promise<void> {
  const { connection, pool } = deps
  const dom = await requireDomain(connection, vmId)
  const wanted = diskOf(spec, target)
  await requireFreeTarget(connection, dom, { target, file: volumePath(pool, volume) })
  const key = diskKey(target)
  if ((await findPlugged(connection, dom, key)) === null) await refuseHotplug(connection, dom, wanted)
  if (wanted.bus === 'scsi') await addController(deps, dom, spec)
  const device = { disk: disk({ ...wanted, path: volumePath(pool, volume) }, undefined) }
  await addToDefinition(connection, dom, spec, { key, device })
  await plug(deps, dom, key)
}

async function requireFreeTarget(connection: LibvirtConnection, dom: Domain, disk: DiskFile): Promise<void> {
  if (!(await hasOther(connection, dom, disk))) return
  throw new AppError(
    'failed_precondition',
    `The VM has another disk ${disk.target} on its node: choose another target.`,
    {
      reason: 'DISK_TARGET_TAKEN',
      details: { target: disk.target },
    },
  )
}

interface DiskFile {
  target: string
  file: string
}

/** Whether the target is another file's, in what runs or in the next start: somebody may have worked past us. */
async function hasOther(connection: LibvirtConnection, dom: Domain, { target, file }: DiskFile): Promise<boolean> {
  const { live, inactive } = await readDefinitions(connection, dom)
  return [...live.disks, ...inactive.disks].some((disk) => disk.target === target && disk.path !== file)
}

/** libvirt would add one of a kind that no q35 guest knows. It stays when the disks go. */
async function addController(deps: PlugDeps, dom: Domain, spec: VmSpec): Promise<void> {
  const key = controllerKey('scsi')
  await addToDefinition(deps.connection, dom, spec, { key, device: { controller: scsiController() } })
  await plug(deps, dom, key)
}

/** Takes a disk out: of what runs first, for only the guest can say when. */
export async function detachDisk(deps: Deps, { vmId, target, volume, spec }: DiskDetach): Promise<boolean> {
  const { connection, pool } = deps
  const dom = await requireDomain(connection, vmId)
  if (volume !== undefined && (await hasOther(connection, dom, { target, file: volumePath(pool, volume) }))) return true
  const key = diskKey(target)
  const plugged = await findPlugged(connection, dom, key)
  if (plugged !== null) {
    const bus = busOf(plugged)
    if (bus !== undefined) await refuseHotplug(connection, dom, { target, bus })
    if (!(await unplug(deps, dom, key))) return false
  }
  if (await isOpen(connection, vmId, target)) return false
  await removeFromDefinition(connection, dom, spec, key)
  return true
}

const busOf = (diskXml: string) => (['virtio', 'scsi', 'sata'] as const).find((bus) => diskXml.includes(`bus='${bus}'`))

/** Whether a QEMU has the disk's file open: libvirt drops the device first. */
async function isOpen(connection: LibvirtConnection, vmId: string, target: string): Promise<boolean> {
  const dom = await requireDomain(connection, vmId)
  if (!hadQemu(dom)) return false
  const inactive = readDomain(await readInactiveXml(connection, dom))
  const file = inactive.disks.find((disk) => disk.target === target)?.path
  return (await readQemuNodes(connection, dom)).some((node) => node.file === file)
}

async function refuseHotplug(
  connection: LibvirtConnection,
  dom: Domain,
  disk: Pick<DiskSpec, 'target' | 'bus'>,
): Promise<void> {
  const refusal = hotplugRefusal(disk)
  if (refusal && (await isOn(connection, dom))) throw refusal
}

function diskOf(spec: VmSpec, target: string): DiskSpec {
  const found = spec.disks.find((disk) => disk.target === target)
  if (!found) throw new Error(`the spec has no disk ${target}`)
  return found
}

const gib = 2n ** 30n
/** qemu-img reads and writes no more than the tables, whatever the size. */
const resizeTimeoutMs = 60_000

/** Makes a disk larger. QEMU would cut a disk off under its guest just as willingly. */
export async function resizeDisk(
  { connection, slowConnection, pool }: Deps,
  { vmId, target, sizeGib }: DiskResize,
): Promise<void> {
  const dom = await requireDomain(connection, vmId)
  const { capacity } = await connection.call(remote.domainGetBlockInfo, { dom, path: target, flags: 0 })
  const size = BigInt(sizeGib) * gib
  if (capacity === size) return
  if (capacity > size) throw cannotShrink(target, { sizeGib, capacity })
  if (await isOn(connection, dom)) {
    const flags = DomainBlockResizeFlags.BYTES
    await slowConnection.call(
      remote.domainBlockResize,
      { dom, disk: target, size, flags },
      { timeoutMs: resizeTimeoutMs },
    )
    return
  }
  const file = readDomain(await readInactiveXml(connection, dom)).disks.find((disk) => disk.target === target)?.path
  if (!file || path.dirname(file) !== pool.directory) throw notOurs(target)
  await qemuImg('resize', 'qcow2', [file, String(size)])
}

const cannotShrink = (target: string, { sizeGib, capacity }: { sizeGib: number; capacity: bigint }): AppError =>
  new AppError(
    'failed_precondition',
    `Disk ${target} has ${(Number(capacity) / Number(gib)).toFixed(2)} GiB, and a disk is only made larger, not ${sizeGib} GiB: what is at its end would be lost.`,
    { reason: 'DISK_CANNOT_SHRINK', details: { target, sizeBytes: Number(capacity) } },
  )

const notOurs = (target: string): AppError =>
  new AppError('failed_precondition', `Disk ${target} is no file in this worker's pool, so it is not resized.`, {
    reason: 'DISK_NOT_MANAGED',
  })
