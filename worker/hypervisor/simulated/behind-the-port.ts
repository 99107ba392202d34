import type { DeviceName } from '#db/late-unplugs.ts'
import type { DiskProblem } from '#db/schema/vm.ts'
import { withoutDisk, withoutNic } from '#db/spec-devices.ts'
import type { RunState, StateReason } from '#worker/hypervisor/port.ts'
import type { VolumeName } from '#worker/hypervisor/storage-calls.ts'
import { diskContent } from './files.ts'
import { type ForeignDomain, foreignVm } from './host-domains.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedVm } from './state.ts'
import { placeOf } from './storage-state.ts'

/** For who wants to see, or to do, what no call of the port does. */
export interface BehindThePort {
  /** What is on the node now. */
  readonly contents: { vms: Readonly<Record<string, SimulatedVm>>; files: readonly string[] }
  /** The blocks that a guest reads from a disk of this file. */
  readVolume(volume: string): Record<number, string>
  /** The file that this one stands on. */
  backingOf(volume: string): string | null
  /** What a guest does to its disk. */
  writeDisk(vmId: string, target: string, block: number, word: string): void
  /** From now on a check of the VM's disks finds this. */
  changeDiskProblem(vmId: string, problem: DiskProblem | null): void
  /** Something that nobody asked for: a guest shuts itself down, or an operator works past us. */
  changeUnasked(vmId: string, state: RunState | 'undefined' | 'defined', reason?: StateReason | null): void
  /** Somebody gives a volume to a VM, or takes it away, past us. */
  changeVolumeUser(name: VolumeName, vmId: string | null): void
  /** From now on a pool cannot be used for this reason; null lets it be used again. */
  changePoolProblem(poolId: string, problem: string | null): void
  /** Somebody makes a domain past us. */
  makeForeign(domain: ForeignDomain): void
  /** The guest's agent connects, or goes. */
  changeAgent(vmId: string, change: { agentCame: true } | { agentWent: true }): void
  /** The guest begins anew by itself. */
  rebootUnasked(vmId: string): void
  /** The guest lets go of a disk or a card that it was once asked for. */
  letGo(vmId: string, device: DeviceName): void
  /** Says that events may have been lost. */
  loseEvents(): void
}

export const behindThePort = ({ state, defined, change, save, tell, tellLoss }: SimulatedNode): BehindThePort => ({
  get contents() {
    return { vms: state.vms, files: Object.keys(state.files) }
  },
  readVolume: (volume) => diskContent(state.files, volume),
  backingOf: (volume) => state.files[volume]?.backing ?? null,
  writeDisk(vmId, target, block, word) {
    const disk = defined(vmId).disks.find((found) => found.target === target)
    const file = disk && state.files[disk.volume]
    if (!file) throw new Error(`VM ${vmId} has no disk ${target}`)
    file.blocks[block] = word
    save()
  },
  changeDiskProblem(vmId, problem) {
    defined(vmId).diskProblem = problem
    save()
  },
  changeUnasked(vmId, next, reason = null) {
    if (next === 'undefined' || next === 'defined') {
      const vm = defined(vmId)
      vm.definedOnNode = next === 'defined'
      if (vm.state === 'STOPPED' && !vm.definedOnNode) delete state.vms[vmId]
      tell({ vmId, state: null })
    } else change(vmId, next, reason)
    save()
  },
  changeVolumeUser({ poolId, volumeId }, vmId) {
    const pool = state.storage.pools[poolId]
    const volume = pool && state.storage.places[placeOf(pool.source)]?.[volumeId]
    if (!volume) throw new Error(`the pool ${poolId} has no volume ${volumeId}`)
    volume.vmId = vmId
    save()
  },
  changePoolProblem(poolId, problem) {
    const pool = state.storage.pools[poolId]
    if (!pool) throw new Error(`there is no pool ${poolId}`)
    pool.problem = problem
    save()
  },
  makeForeign(domain) {
    const { vmId } = domain.definition
    state.vms[vmId] = foreignVm(domain)
    save()
    tell({ vmId, state: null })
  },
  changeAgent: (vmId, change) => tell({ vmId, state: defined(vmId).state, ...change }),
  rebootUnasked: (vmId) => tell({ vmId, state: 'RUNNING', rebooted: true }),
  letGo(vmId, device) {
    const vm = defined(vmId)
    if (vm.running === null) throw new Error(`VM ${vmId} does not run`)
    const { spec } = vm.running
    const without = 'target' in device ? withoutDisk(spec, device.target) : withoutNic(spec, device.mac)
    vm.running = { ...vm.running, spec: without }
    save()
    tell({ vmId, state: vm.state, deviceRemoved: true })
  },
  loseEvents: tellLoss,
})
