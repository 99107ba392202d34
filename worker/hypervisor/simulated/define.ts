import { AppError } from '#db/errors.ts'
import { type VmCpuMode, writableDisks } from '#db/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { diskVolume, nvramVolume } from '#worker/hypervisor/storage-names.ts'
import type { Images } from '../libvirt/images.ts'
import { addFile } from './files.ts'
import { failIf, isSentinel, sentinels } from './sentinels.ts'
import type { SimulatedState, SimulatedVm } from './state.ts'

/** What the node cannot run, and why. */
export type Unsupported = Partial<Record<VmCpuMode, string>>

interface Node {
  state: SimulatedState
  images: Images
  unsupported: Unsupported
}

/** Defines a VM; one that is defined stays as it is. Throws what a real node would refuse. */
export async function define({ state, images, unsupported }: Node, definition: VmDefinition): Promise<void> {
  const { vmId, name, spec } = definition
  if (state.vms[vmId]) return
  if (Object.values(state.vms).some((other) => other.definition.name === name)) {
    throw new AppError('already_exists', `The node has another VM named "${name}".`, { reason: 'NAME_TAKEN' })
  }
  const reason = unsupported[spec.cpuMode]
  if (reason !== undefined) {
    throw new AppError('failed_precondition', `The node cannot run ${spec.cpuMode}: ${reason}`, {
      reason: 'CPU_MODE_NOT_SUPPORTED',
    })
  }
  for (const { iso } of spec.cdroms) if (iso !== null) await images.find('iso', iso)
  failIf(name, 'failsToDefine')
  if (spec.firmware === 'uefi') addFile(state.files, nvramVolume(vmId))
  state.vms[vmId] = newVm(definition)
}

const newVm = (definition: VmDefinition): SimulatedVm => ({
  definition,
  state: 'STOPPED',
  stateReason: null,
  starts: 0,
  definedOnNode: true,
  disks: writableDisks(definition.spec).map(({ target }) => ({ target, volume: diskVolume(definition.vmId, target) })),
  snapshots: {},
  revert: null,
  moved: {},
  diskProblem: isSentinel(definition.name, 'disksOutOfStep')
    ? { reason: 'DISKS_OUT_OF_STEP', message: `The simulated node was told to: ${sentinels.disksOutOfStep}` }
    : null,
})
