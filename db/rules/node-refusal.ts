import { AppError } from '#db/errors.ts'
import type { NodeRow } from '#db/schema/node.ts'
import { cpuModeTitles, maxMemoryMibOf, type VmSpec } from '#db/vm-spec.ts'

/**
 * Why a node cannot run a VM with a spec; null where it can, or would not run it as it is either. `before` is what its VM
 * is, null where there is none yet.
 */
export function nodeRefusal(node: NodeRow, before: VmSpec | null, after: VmSpec): AppError | null {
  return modeRefusal(node, before, after) ?? pinRefusal(node, before, after) ?? memoryRefusal(node, before, after)
}

type Rule = (node: NodeRow, before: VmSpec | null, after: VmSpec) => AppError | null

const modeRefusal: Rule = (node, before, { cpuMode }) => {
  const support = node.cpuModes.find(({ mode }) => mode === cpuMode)
  if (cpuMode === before?.cpuMode || support?.supported) return null
  const why = support?.message ?? 'the node does not say why'
  return new AppError(
    'failed_precondition',
    `${called(node, before)} cannot run VMs with CPU mode ${cpuMode} (${cpuModeTitles[cpuMode]}): ${why}`,
    { reason: 'CPU_MODE_NOT_SUPPORTED', details: { cpuMode, nodeId: node.id, nodeMessage: why } },
  )
}

const pinRefusal: Rule = (node, before, after) => {
  if (!after.cpu.pinnedTsc || before?.cpu.pinnedTsc || node.tscFrequencyHz !== null) return null
  return new AppError(
    'failed_precondition',
    `${called(node, before)} does not say what the frequency of its time stamp counter is, so it cannot be pinned. Leave out spec.cpu.pinnedTsc.`,
    { reason: 'TSC_FREQUENCY_UNKNOWN', details: { nodeIds: [node.id] } },
  )
}

const memoryRefusal: Rule = (node, before, after) => {
  const requestedMib = maxMemoryMibOf(after.memory)
  if ((before && requestedMib <= maxMemoryMibOf(before.memory)) || requestedMib <= node.memoryMib) return null
  return new AppError(
    'failed_precondition',
    `${called(node, before)} has ${node.memoryMib} MiB of memory, and ${requestedMib} MiB are asked for.`,
    { reason: 'NODE_MEMORY_TOO_SMALL', details: { requestedMib, nodeId: node.id, nodeMemoryMib: node.memoryMib } },
  )
}

const called = ({ name }: NodeRow, before: VmSpec | null): string =>
  before ? `Node ${name}, where the VM is,` : `Node ${name}`
