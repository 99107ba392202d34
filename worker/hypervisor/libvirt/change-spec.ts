import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { nvramVolume, serialLog } from '#worker/hypervisor/storage-names.ts'
import { type DefineDeps, requireSupport } from './define.ts'
import { volumePath } from './disks.ts'
import { requireUsablePassword } from './display-password.ts'
import { requireDomain } from './domain.ts'
import { requireMachineSupport } from './machine-support.ts'
import { redefine } from './redefine.ts'
import { mergeCpuFeatures } from './xml/cpu.ts'
import { type DomainParameters, domainXml } from './xml/domain.ts'
import { patchDomain } from './xml/patch-domain.ts'
import { find, readXml } from './xml/read.ts'

/**
 * Changes the definition that the next start takes by what differs between two specs. Whatever else is in it stays: files
 * that snapshots changed, addresses that libvirt gave, and what a VM brought along that others made.
 */
export async function changeSpec(deps: DefineDeps, before: VmDefinition, after: VmDefinition): Promise<void> {
  const { connection } = deps
  const dom = await requireDomain(connection, after.vmId)
  // A mode that it keeps may be one that others gave it, and that this node makes no VM with.
  const keepsMode = before.spec.cpuMode === after.spec.cpuMode
  const support = await requireSupport(deps, after).catch((error) => {
    if (!keepsMode) throw error
    return anySupport
  })
  const { firmware, secureBoot, tpm } = after.spec
  await requireMachineSupport(connection, support.virtType, { firmware, secureBoot, tpm })
  const earlier = await requireSupport(deps, before).catch(() => support)
  await redefine(connection, dom, (xml) => {
    const domain = readXml(xml)
    const [title = '', description = ''] = ['title', 'description'].map((name) => find(domain, name)?.text)
    // Name and description are changed without the node: what it knows of them may be older than the spec.
    const known = { name: title, description }
    const wanted = after.keepsText ? { ...after, ...known } : after
    const patched = patchDomain(
      xml,
      rendering(deps, { ...before, ...known }, earlier),
      rendering(deps, wanted, support),
    )
    if (before.spec.display.type !== after.spec.display.type) requireUsablePassword(patched)
    return patched
  })
}

type Support = Awaited<ReturnType<typeof requireSupport>>

/** What is the same before and after is not seen. */
const anySupport: Support = { virtType: 'kvm', features: [] }

/** Of use for what differs from another one alone: which files the drives have is not in it. */
function rendering({ pool, nodeId, cpuFeatures }: DefineDeps, vm: VmDefinition, support: Support): string {
  const { vmId, spec } = vm
  const parameters: DomainParameters = {
    ...vm,
    nodeId,
    virtType: support.virtType,
    cpuFeatures: mergeCpuFeatures(support.features, cpuFeatures, spec.cpu.features),
    nvramPath: spec.firmware === 'uefi' ? volumePath(pool, nvramVolume(vmId)) : null,
    disks: spec.disks.map((disk) => ({ ...disk, path: '' })),
    seedPath: null,
    serialLogPath: spec.serial.log ? volumePath(pool, serialLog(vmId)) : null,
    cdroms: spec.cdroms.map((cdrom) => ({ ...cdrom, path: null })),
  }
  return domainXml(parameters)
}
