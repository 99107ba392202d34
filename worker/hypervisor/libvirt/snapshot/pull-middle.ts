import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { isOfDisk } from '#worker/hypervisor/storage-names.ts'
import { readLiveXml } from '../domain.ts'
import { qmp, readQemuNodes } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { readDiskImages } from '../xml/disk-images.ts'
import type { BlockJob } from './idle.ts'
import type { VmState } from './state.ts'

const jobOf = (target: string) => `quantix-pull-${target}`

/**
 * Begins to bring the parent's data up into a child that QEMU has open, and does not write to. libvirt pulls into the
 * top alone, so QEMU is asked itself, and libvirt goes on to take the parent for a part of the chain: `followPull`.
 */
export async function startMiddlePull(
  connection: LibvirtConnection,
  dom: Domain,
  target: string,
  child: string,
  parent: string,
): Promise<void> {
  const nodes = await readQemuNodes(connection, dom)
  const nodeOf = (file: string) => nodes.find((node) => node.file === file && node.drv === 'qcow2')?.['node-name']
  const [device, bottom] = [nodeOf(child), nodeOf(parent)]
  if (!device || !bottom) throw new AppError('unavailable', `QEMU does not have ${child} and ${parent} open.`)
  await qmp(connection, dom, 'block-stream', { device, bottom, 'job-id': jobOf(target) })
}

/** Whether such a pull is among what QEMU is at. */
export const isPulling = (jobs: readonly BlockJob[], target: string): boolean =>
  jobs.some(({ device }) => device === jobOf(target))

/** Whether the disk is being copied to a file of its own, as `followPull` does: others may copy it to somewhere else. */
export async function isOwnCopy(connection: LibvirtConnection, vm: VmState, target: string): Promise<boolean> {
  const { copiedTo } = readDiskImages(await readLiveXml(connection, vm.dom), target)
  return copiedTo !== null && isOfDisk(path.basename(copiedTo), vm.vmId, target)
}
