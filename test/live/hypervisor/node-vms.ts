import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { aDefinition, type SpecParts } from '#test/support/vm-spec.ts'
import { findDomain, readInactiveXml, readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { readQemuDisks } from '#worker/hypervisor/libvirt/qmp.ts'
import { ErrorCode } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { isLibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import type { LibvirtNode } from './libvirt-node.ts'

/** A defined VM with one disk of 1 GiB, or what the spec says. */
export async function aVm({ hypervisor }: Pick<LibvirtNode, 'hypervisor'>, spec: SpecParts = {}): Promise<string> {
  const { tscFrequencyHz } = spec.cpu?.pinnedTsc ? await hypervisor.describeNode() : { tscFrequencyHz: null }
  const vm = aDefinition({ spec, tscFrequencyHz })
  const { vmId } = vm
  for (const disk of vm.spec.disks) await hypervisor.createDisk({ vmId, ...disk })
  await hypervisor.defineVm(vm)
  return vmId
}

export async function aRunningVm(node: Pick<LibvirtNode, 'hypervisor'>, spec: SpecParts = {}): Promise<string> {
  const vmId = await aVm(node, spec)
  await node.hypervisor.startVm(vmId)
  return vmId
}

export async function aPausedVm(node: LibvirtNode, spec: SpecParts = {}): Promise<string> {
  const vmId = await aRunningVm(node, spec)
  await node.connection.call(remote.domainSuspend, { dom: await domainOf(node, vmId) })
  return vmId
}

export const snapshotOf = (vmId: string, parts: Partial<SnapshotRequest> = {}): SnapshotRequest => ({
  vmId,
  snapshotId: randomUUID(),
  includeMemory: false,
  quiesce: null,
  ...parts,
})

export async function domainOf({ connection }: Pick<LibvirtNode, 'connection'>, vmId: string) {
  const dom = await findDomain(connection, vmId)
  if (!dom) throw new Error(`no domain ${vmId}`)
  return dom
}

/** The file of each disk as the three who must agree have it: the live definition, the inactive one, and QEMU. */
export async function sourcesOf(node: Pick<LibvirtNode, 'connection'>, vmId: string): Promise<DiskSources> {
  const { connection } = node
  const dom = await domainOf(node, vmId)
  const paths = (xml: string) => readDomain(xml).disks.map(({ path }) => path)
  const { active } = await connection.call(remote.domainIsActive, { dom })
  try {
    return {
      live: paths(await readLiveXml(connection, dom)),
      inactive: paths(await readInactiveXml(connection, dom)),
      qemu: active ? (await readQemuDisks(connection, dom)).map(({ chain }) => chain[0]) : [],
    }
  } catch (error) {
    // libvirt has heard only now that QEMU has ended.
    if (isLibvirtError(error, ErrorCode.OPERATION_INVALID)) return sourcesOf(node, vmId)
    throw error
  }
}

interface DiskSources {
  live: (string | null)[]
  inactive: (string | null)[]
  qemu: (string | undefined)[]
}

/** The names of the VM's files in the pool. */
export const filesOf = async ({ options }: Pick<LibvirtNode, 'options'>, vmId: string): Promise<string[]> =>
  (await readdir(options.poolDirectory)).filter((name) => name.startsWith(vmId)).sort()
