import path from 'node:path'
import { findDomain, readInactiveXml, readLiveXml, readRunState } from '../domain.ts'
import { qemuDiskOf, readQemuDisks } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { readDomain } from '../xml/read-domain.ts'

/** A VM's disks in the worker's pool, as each of those has them who must agree. */
export interface DiskViews {
  vmId: string
  dom: Domain
  running: boolean
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
  const running = (await readRunState(connection, dom)) !== 'STOPPED'
  // First: it waits until libvirt has done what it is at.
  const open = running ? await readQemuDisks(connection, dom) : []
  const inactive = readDomain(await readInactiveXml(connection, dom))
  const live = running ? readDomain(await readLiveXml(connection, dom)) : inactive
  const disks = live.disks.flatMap(({ target, alias, path: file }): DiskView[] => {
    if (file === null || path.dirname(file) !== pool.directory) return []
    const next = inactive.disks.find((disk) => disk.target === target)
    return [
      {
        target,
        live: file,
        inactive: next?.path ?? null,
        open: (alias !== null && qemuDiskOf(open, alias)) || null,
      },
    ]
  })
  return { vmId, dom, running, disks }
}
