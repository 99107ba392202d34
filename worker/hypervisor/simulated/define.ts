import { AppError } from '#db/errors.ts'
import { runningSpecOf } from '#db/rules/spec-changes.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { DiskSpec, VmCpuMode } from '#db/vm-spec.ts'
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
  requireMode(unsupported, spec.cpuMode)
  for (const { iso } of spec.cdroms) if (iso !== null) await images.find('iso', iso)
  failIf(name, 'failsToDefine')
  if (spec.firmware === 'uefi') addFile(state.files, nvramVolume(vmId))
  // The node's state is a file that others may read.
  state.vms[vmId] = newVm({ ...definition, displayPassword: null })
}

/** Changes the spec of a VM that is defined, but for its devices. Throws what a real node would refuse. */
export async function changeSpec(
  { state, unsupported }: Pick<Node, 'state' | 'unsupported'>,
  before: VmDefinition,
  { vmId, spec, tscFrequencyHz }: VmDefinition,
): Promise<void> {
  const vm = state.vms[vmId]
  if (!vm) throw new AppError('not_found', `VM ${vmId} is not on this node`, { reason: 'VM_NOT_ON_NODE' })
  if (before.spec.cpuMode !== spec.cpuMode) requireMode(unsupported, spec.cpuMode)
  vm.definition = { ...vm.definition, spec: { ...vm.definition.spec, ...runningSpecOf(spec) }, tscFrequencyHz }
}

function requireMode(unsupported: Unsupported, mode: VmCpuMode): void {
  const reason = unsupported[mode]
  if (reason === undefined) return
  throw new AppError('failed_precondition', `The node cannot run ${mode}: ${reason}`, {
    reason: 'CPU_MODE_NOT_SUPPORTED',
  })
}

/** A VM that was never started, on disks as they were made. */
export const newVm = (definition: VmDefinition): SimulatedVm => ({
  definition: structuredClone(definition),
  running: null,
  saved: {},
  state: 'STOPPED',
  stateReason: null,
  starts: 0,
  definedOnNode: true,
  disks: disksOf(definition, (disk) => !disk.readOnly),
  readOnlyDisks: disksOf(definition, (disk) => disk.readOnly),
  snapshots: {},
  revert: null,
  moved: {},
  diskProblem: isSentinel(definition.name, 'disksOutOfStep')
    ? { reason: 'DISKS_OUT_OF_STEP', message: `The simulated node was told to: ${sentinels.disksOutOfStep}` }
    : null,
})

const disksOf = ({ vmId, spec }: VmDefinition, which: (disk: DiskSpec) => boolean): SnapshotDisk[] =>
  spec.disks.filter(which).map(({ target }) => ({ target, volume: diskVolume(vmId, target) }))
