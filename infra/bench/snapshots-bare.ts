import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readInactiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import {
  DomainBlockCommitFlags,
  DomainBlockJobAbortFlags,
  DomainSnapshotCreateFlags,
  ErrorCode,
} from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { isLibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { withDiskFiles } from '#worker/hypervisor/libvirt/xml/disk-sources.ts'
import { qcow2VolumeXml, type VolumeParameters } from '#worker/hypervisor/libvirt/xml/storage.ts'
import { bytesWritten, diskPath, domainOf, smallerSide, writeDisk } from './guest-disk.ts'
import { timeMs } from './measure.ts'
import { type SnapshotContender, writes } from './snapshot-turn.ts'

const pollMs = 2

/** A domain like the VM, in the same pool, with nothing but the calls to libvirt that its turns need. */
export async function bareSnapshots(connection: LibvirtConnection, vmId: string): Promise<SnapshotContender> {
  const uuid = randomUUID()
  const like = await domainOf(connection, vmId)
  const directory = path.dirname(await diskPath(connection, like))
  const [pool] = (await connection.call(remote.connectListAllStoragePools, { needResults: 1, flags: 0 })).pools
  if (!pool) throw new Error('the worker has no pool')
  let files = 0

  async function makeVolume(backing: string | null): Promise<string> {
    const name = `${uuid}.${files++}.qcow2`
    const parameters: VolumeParameters = {
      name,
      capacityBytes: 2 ** 30,
      backing: backing === null ? null : { path: backing, format: 'qcow2' },
    }
    await connection.call(remote.storageVolCreateXml, { pool, xml: qcow2VolumeXml(parameters), flags: 0 })
    return path.join(directory, name)
  }

  async function removeVolume(file: string): Promise<void> {
    await connection.call(remote.storagePoolRefresh, { pool, flags: 0 })
    const { vol } = await connection.call(remote.storageVolLookupByName, { pool, name: path.basename(file) })
    await connection.call(remote.storageVolDelete, { vol, flags: 0 })
  }

  const definition = (await readInactiveXml(connection, like))
    .replaceAll(vmId, uuid)
    .replace(/<name>.*?<\/name>/, `<name>${uuid}</name>`)
  const define = async (file: string) => {
    const xml = withDiskFiles(definition, [{ target: 'vda', path: file }])
    return (await connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })).dom
  }
  const dom = await define(await makeVolume(null))
  await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 })

  async function take(): Promise<void> {
    const { DISK_ONLY, ATOMIC, NO_METADATA } = DomainSnapshotCreateFlags
    const overlay = path.join(directory, `${uuid}.${files++}.qcow2`)
    const xmlDesc = `<domainsnapshot><disks><disk name='vda'><source file='${overlay}'/></disk></disks></domainsnapshot>`
    await connection.call(remote.domainSnapshotCreateXml, { dom, xmlDesc, flags: DISK_ONLY | ATOMIC | NO_METADATA })
  }

  async function revertTo(frozen: string): Promise<void> {
    const discarded = await diskPath(connection, dom)
    const overlay = await makeVolume(frozen)
    await connection.call(remote.domainDestroyFlags, { dom, flags: 0 })
    await define(overlay)
    await connection.call(remote.domainCreateWithFlags, { dom, flags: 0 })
    await removeVolume(discarded)
  }

  async function mergeInto(frozen: string): Promise<void> {
    const top = await diskPath(connection, dom)
    const commit = { dom, disk: 'vda', base: frozen, top, bandwidth: 0n, flags: DomainBlockCommitFlags.ACTIVE }
    await connection.call(remote.domainBlockCommit, commit)
    while (!(await isPivoted())) await sleep(pollMs)
    await removeVolume(top)
  }

  /** A job that has not looked yet what there is to copy says that all of it is, and is not ready. */
  async function isPivoted(): Promise<boolean> {
    const job = await connection.call(remote.domainGetBlockJobInfo, { dom, path: 'vda', flags: 0 })
    if (job.cur !== job.end) return false
    try {
      await connection.call(remote.domainBlockJobAbort, { dom, path: 'vda', flags: DomainBlockJobAbortFlags.PIVOT })
      return true
    } catch (error) {
      if (isLibvirtError(error, ErrorCode.BLOCK_COPY_ACTIVE)) return false
      throw error
    }
  }

  let depth = 0
  return {
    async deepen(overlays) {
      for (; depth < overlays; depth++) await take()
    },
    async turn() {
      await writeDisk(connection, uuid, ...writes.kept)
      const frozen = await diskPath(connection, dom)
      const snapshotMs = await timeMs(take)
      await writeDisk(connection, uuid, ...writes.discarded)
      const revertMs = await timeMs(() => revertTo(frozen))
      await writeDisk(connection, uuid, ...writes.current)
      const smallerBytes = await smallerSide(connection, uuid)
      const before = await bytesWritten(uuid)
      const deleteMs = await timeMs(() => mergeInto(frozen))
      const pauseMs = await timeMs(() => connection.call(remote.domainSuspend, { dom }))
      await connection.call(remote.domainResume, { dom })
      return { snapshotMs, revertMs, deleteMs, pauseMs, smallerBytes, copiedBytes: (await bytesWritten(uuid)) - before }
    },
  }
}
