import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { AppError } from '#db/errors.ts'
import type { DiskAccess } from '#test/live/snapshots-model/disk-access.ts'
import { aDefinition, type SpecParts } from '#test/support/vm-spec.ts'
import type { Hypervisor, VmDefinition, VmObservation } from '#worker/hypervisor/port.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import type { DevicesSeen } from './device-contract.ts'

/** A hypervisor with a node behind it. */
export interface HypervisorUnderTest {
  hypervisor: Hypervisor
  /** Puts an image of that size among the node's images: an ISO or a raw disk, as its name says. */
  addImage(name: string, sizeBytes: number): Promise<void>
  disks: DiskAccess
  /** Somebody makes a domain past us, on a disk vda of his own and with a sound card; resolves to its id. */
  makeForeign(): Promise<string>
  /** What a VM has in what runs (of a stopped one: what it would start with), and in the definition of its next start. */
  devices(vmId: string): Promise<{ live: DevicesSeen; inactive: DevicesSeen }>
  close(): Promise<void>
}

export const definition = (spec: SpecParts = {}): VmDefinition => aDefinition({ spec })

export const snapshotOf = (vmId: string, parts: Partial<SnapshotRequest> = {}): SnapshotRequest => ({
  vmId,
  snapshotId: randomUUID(),
  includeMemory: false,
  quiesce: null,
  ...parts,
})

export const required: SnapshotRequest['quiesce'] = { policy: 'require', timeoutSeconds: 60 }

/** A VM that is off, as it is observed. */
export const stopped = (vmId: string, stateReason: VmObservation['stateReason']): VmObservation => ({
  vmId,
  state: 'STOPPED',
  stateReason,
  runId: null,
  definedOnNode: true,
  effectiveCpu: null,
  runningSpec: null,
  guestAgentConnected: null,
})

export const refusal = (call: Promise<unknown>): Promise<AppError> =>
  call.then(
    () => expect.fail('it was not refused'),
    (error: AppError) => error,
  )

/** Makes VMs on the node; it may come later. */
export function vmsOn(node: () => HypervisorUnderTest) {
  /** A VM with its disks made and defined. */
  async function aVm(spec: SpecParts = {}): Promise<VmDefinition> {
    const vm = definition(spec)
    await makeDisks(vm)
    await node().hypervisor.defineVm(vm)
    return vm
  }

  async function makeDisks({ vmId, spec }: VmDefinition): Promise<void> {
    for (const disk of spec.disks) await node().hypervisor.createDisk({ vmId, ...disk })
  }

  async function aRunningVm(spec: SpecParts = {}): Promise<VmDefinition> {
    const vm = await aVm(spec)
    await node().hypervisor.startVm(vm.vmId)
    return vm
  }

  const stateOf = async (vmId: string) => (await node().hypervisor.observeVm(vmId))?.state

  return { aVm, makeDisks, aRunningVm, stateOf }
}
