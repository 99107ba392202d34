import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { expect } from 'vitest'
import { qemuPid } from '#test/support/processes.ts'
import { readInactiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { withDiskFiles } from '#worker/hypervisor/libvirt/xml/disk-sources.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { overlayVolume } from '#worker/hypervisor/storage-names.ts'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import { domainOf, snapshotOf } from '../hypervisor/node-vms.ts'

/** What the tests of disk checks do on a node. */
export function diskCheckCalls(node: () => LibvirtNode) {
  const inPool = (file: string) => path.join(node().options.poolDirectory, file)
  const base = (vmId: string, target = 'vda') => inPool(`${vmId}.${target}.qcow2`)
  const overlayOf = (vmId: string, target = 'vda', id: string = randomUUID()) => inPool(overlayVolume(vmId, target, id))
  const check = (vmId: string, snapshots: StoredSnapshot[] = []) => node().hypervisor.checkDisks({ vmId, snapshots })

  async function aStoredSnapshot(vmId: string, includeMemory = false): Promise<StoredSnapshot> {
    const request = snapshotOf(vmId, { includeMemory })
    return { snapshotId: request.snapshotId, ...(await node().hypervisor.createSnapshot(request)) }
  }

  async function redefine(vmId: string, files: { target: string; path: string }[]): Promise<void> {
    const dom = await domainOf(node(), vmId)
    const xml = withDiskFiles(await readInactiveXml(node().connection, dom), files)
    await node().connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })
  }

  async function killQemu(vmId: string): Promise<void> {
    process.kill(qemuPid(vmId), 'SIGKILL')
    await expect.poll(async () => (await node().hypervisor.observeVm(vmId))?.state, { timeout: 10_000 }).toBe('STOPPED')
  }

  return { base, overlayOf, check, aStoredSnapshot, redefine, killQemu }
}
