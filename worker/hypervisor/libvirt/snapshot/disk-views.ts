import path from 'node:path'
import { findDomain, hadQemu } from '../domain.ts'
import { type QemuDisk, type QemuNode, qemuDiskOf, readQemuDisks, readQemuNodes } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { StoragePool } from '../storage-pool.ts'
import { readDefinitions, type VmDefinitions } from './state.ts'

/** A VM's disks in the worker's pool, as each of those has them who must agree. */
export interface DiskViews {
  vmId: string
  definitions: VmDefinitions
  running: boolean
  /** Empty while no QEMU runs. */
  qemuDisks: readonly QemuDisk[]
  /** Read after `qemuDisks`; empty while no QEMU runs. */
  qemuNodes: readonly QemuNode[]
  disks: DiskView[]
}

/** Paths are absolute. */
export interface DiskView {
  target: string
  /** What the definition that runs names; of a stopped VM the inactive one. */
  live: string
  /** What the next start takes; null where it does without this disk. */
  inactive: string | null
  /** What QEMU writes to, then what lies below it; null while no QEMU has the disk. */
  open: { nodeName: string; chain: string[] } | null
}

/** Null where libvirt has no such VM. A disk outside of the pool is not ours to judge, and left out. */
export async function readDiskViews(
  connection: LibvirtConnection,
  pool: StoragePool,
  vmId: string,
): Promise<DiskViews | null> {
  const dom = await findDomain(connection, vmId)
  if (!dom) return null
  // First: it waits until libvirt has done what it is at.
  const seenDisks = hadQemu(dom) ? await readQemuDisks(connection, dom) : []
  const [seenNodes, definitions] = await Promise.all([
    hadQemu(dom) ? readQemuNodes(connection, dom) : [],
    readDefinitions(connection, dom),
  ])
  const { state, live, inactive } = definitions
  const running = state !== 'STOPPED'
  // Started meanwhile.
  if (running && !hadQemu(dom)) return readDiskViews(connection, pool, vmId)
  const [qemuDisks, qemuNodes] = running ? [seenDisks, seenNodes] : [[], []]
  const disks = live.disks.flatMap(({ target, alias, path: file }): DiskView[] => {
    if (file === null || path.dirname(file) !== pool.directory) return []
    const next = inactive.disks.find((disk) => disk.target === target)
    return [
      {
        target,
        live: file,
        inactive: next?.path ?? null,
        open: (alias !== null && qemuDiskOf(qemuDisks, alias)) || null,
      },
    ]
  })
  return { vmId, definitions, running, qemuDisks, qemuNodes, disks }
}
