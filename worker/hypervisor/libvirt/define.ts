import { AppError } from '#db/errors.ts'
import type { CpuModeSupport } from '#db/schema/node.ts'
import { type CpuFeature, cpuModeTitles } from '#db/vm-spec.ts'
import type { UndefineOptions, VmDefinition } from '#worker/hypervisor/port.ts'
import { diskVolume, nvramVolume, seedVolume, serialLog } from '#worker/hypervisor/storage-names.ts'
import { volumePath } from './disks.ts'
import { findDomain, readRunState } from './domain.ts'
import type { Images } from './images.ts'
import { requireMachineSupport } from './machine-support.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainUndefineFlags } from './rpc/constants.gen.ts'
import { isNotFound } from './rpc/errors.ts'
import { remote } from './rpc/protocol.gen.ts'
import type { StoragePool } from './storage-pool.ts'
import { mergeCpuFeatures } from './xml/cpu.ts'
import { domainXml } from './xml/domain.ts'

export interface DefineDeps {
  connection: LibvirtConnection
  pool: StoragePool
  images: Images
  nodeId: string
  /** The worker's own overrides. */
  cpuFeatures: readonly CpuFeature[]
  probeCpuModes: () => Promise<CpuModeSupport[]>
}

/** Defines a VM. One that is defined stays as it is: its disks may be overlays by now, and its addresses are known. */
export async function defineVm(deps: DefineDeps, vm: VmDefinition): Promise<void> {
  const { connection, pool, images, nodeId, cpuFeatures } = deps
  if (await findDomain(connection, vm.vmId)) return
  const support = await requireSupport(deps, vm)
  const { spec } = vm
  const { firmware, secureBoot, tpm } = spec
  await requireMachineSupport(connection, support.virtType, { firmware, secureBoot, tpm })
  const xml = domainXml({
    ...vm,
    nodeId,
    virtType: support.virtType,
    cpuFeatures: mergeCpuFeatures(support.features, cpuFeatures, spec.cpu.features),
    nvramPath: firmware === 'uefi' ? volumePath(pool, nvramVolume(vm.vmId)) : null,
    disks: spec.disks.map((disk) => ({ ...disk, path: volumePath(pool, diskVolume(vm.vmId, disk.target)) })),
    seedPath: spec.cloudInit ? volumePath(pool, seedVolume(vm.vmId)) : null,
    serialLogPath: spec.serial.log ? volumePath(pool, serialLog(vm.vmId)) : null,
    cdroms: await Promise.all(
      spec.cdroms.map(async (cdrom) => ({
        ...cdrom,
        path: cdrom.iso === null ? null : (await images.find('iso', cdrom.iso)).path,
      })),
    ),
  })
  // Not VALIDATE: libvirt then reads its whole schema each time (16 ms); the tests hold every definition to it.
  await connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 })
}

/** How the node runs the VM's CPU mode. Throws `failed_precondition` where it does not. */
export async function requireSupport({ probeCpuModes }: DefineDeps, { spec }: VmDefinition) {
  const support = (await probeCpuModes()).find(({ mode }) => mode === spec.cpuMode)
  if (support?.virtType) return { virtType: support.virtType, features: support.features }
  throw new AppError(
    'failed_precondition',
    `This node cannot run VMs with CPU mode ${spec.cpuMode} (${cpuModeTitles[spec.cpuMode]}): ${support?.message ?? 'it was not probed'}`,
    { reason: 'CPU_MODE_NOT_SUPPORTED', details: { cpuMode: spec.cpuMode } },
  )
}

const undefineFlags =
  DomainUndefineFlags.MANAGED_SAVE | DomainUndefineFlags.SNAPSHOTS_METADATA | DomainUndefineFlags.CHECKPOINTS_METADATA
/** A TPM that goes unless it is to stay, goes without a flag. */
const stateFlags = {
  keep: DomainUndefineFlags.KEEP_NVRAM | DomainUndefineFlags.KEEP_TPM,
  remove: DomainUndefineFlags.NVRAM,
} as const

/** Removes a stopped VM's definition with all that libvirt keeps beside it. Throws `failed_precondition` while it runs. */
export async function undefineVm(
  connection: LibvirtConnection,
  vmId: string,
  { keepState = false }: UndefineOptions = {},
): Promise<void> {
  const dom = await findDomain(connection, vmId)
  if (!dom) return
  // libvirt would agree, and turn the running domain into one that is gone when it stops.
  if ((await readRunState(connection, dom)) !== 'STOPPED') {
    throw new AppError('failed_precondition', 'The VM runs: stop it first.', { reason: 'VM_IS_RUNNING' })
  }
  try {
    await connection.call(remote.domainUndefineFlags, {
      dom,
      flags: undefineFlags | stateFlags[keepState ? 'keep' : 'remove'],
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
