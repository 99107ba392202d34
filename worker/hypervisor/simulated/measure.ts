import { vcpusOf } from '#db/vm-spec.ts'
import type { VmCounters, VmMeasurement } from '#worker/hypervisor/measurement.ts'
import { observe } from './observe.ts'
import type { SimulatedState, SimulatedVm } from './state.ts'

const bytesPerMib = 2 ** 20
const bytesPerGib = 2 ** 30

/** A guest that does nothing, but that it was asked to. */
export const measure = (state: SimulatedState, vmIds: readonly string[]): VmMeasurement[] =>
  vmIds.flatMap((vmId) => {
    const [vm, observed] = [state.vms[vmId], observe(state, vmId)]
    if (!vm || !observed) return []
    const { definedOnNode: _, ...measured } = observed
    return { ...measured, counters: measured.runId === null ? null : countersOf(vm, measured.runId) }
  })

function countersOf({ definition: { vmId, spec } }: SimulatedVm, runId: string): VmCounters {
  const memoryBytes = spec.memory.sizeMib * bytesPerMib
  return {
    vmId,
    runId,
    vcpus: vcpusOf(spec.cpu),
    cpuTimeSeconds: 0,
    memory: { balloonBytes: memoryBytes, residentBytes: memoryBytes, guestTotalBytes: null, guestUsedBytes: null },
    disks: spec.disks.map(({ target, sizeGib }) => ({
      target,
      ...{ readBytes: 0, writtenBytes: 0, readRequests: 0, writeRequests: 0, fileBytes: 0 },
      capacityBytes: sizeGib === undefined ? null : sizeGib * bytesPerGib,
    })),
    nics: spec.nics.map(({ mac }) => ({
      mac,
      ...{ receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0, droppedPackets: 0 },
    })),
  }
}
