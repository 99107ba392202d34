import { AppError } from '#db/errors.ts'
import type { ClockCorrection } from '#db/operations/result.ts'
import type { CpuModeSupport } from '#db/schema/node.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { DiskProblem } from '#db/schema/vm.ts'
import type {
  DiskCheckRequest,
  DiskRequest,
  Hypervisor,
  NodeDescription,
  Reclaimed,
  ReclaimRequest,
  Reverted,
  RevertRequest,
  RunState,
  SnapshotRequest,
  SnapshotTaken,
  StateReason,
  VmDefinition,
  VmEvent,
  VmObservation,
} from '#worker/hypervisor/port.ts'
import { volumeFor } from '../libvirt/disk-volume.ts'
import { type Images, imagesIn } from '../libvirt/images.ts'
import { vmPrefix } from '../libvirt/storage-names.ts'
import { clockOf } from './clock.ts'
import { hasAgent, runningCpu } from './cpu.ts'
import { define, type Unsupported } from './define.ts'
import { addFile, diskContent } from './files.ts'
import { findDisks, keepVolume } from './kept-disks.ts'
import { describeCpuModes, describeNode } from './node.ts'
import { reclaim } from './reclaim.ts'
import { revert, undoRevert } from './revert.ts'
import { failIf, isSentinel } from './sentinels.ts'
import { discard, takeSnapshot } from './snapshot.ts'
import { openStateStore, type SimulatedVm, type StateStore } from './state.ts'

export type SimulatedCall = Exclude<keyof Hypervisor, 'kind' | 'onVmEvent' | 'close'>

export interface SimulatedOptions {
  /** Where the node's state outlives this process; undefined keeps it in memory. */
  file?: string
  /** Base images and ISOs; without it there are none. */
  imagesDirectory?: string
  unsupported?: Unsupported
  /** How long a guest takes to shut down. */
  shutdownMs?: number
  /** Of the node's time stamp counter. */
  tscFrequencyHz?: number
  storageFreeBytes?: number
  /** Called around every call; what it throws, the caller gets. After `after`, the call has had its effect all the same. */
  onCall?(call: SimulatedCall, moment: 'before' | 'after', vmId: string | undefined): void
}

/** A node that holds state and keeps the port's promises, without running anything. */
export class SimulatedHypervisor implements Hypervisor {
  readonly kind = 'simulated'
  readonly #store: StateStore
  readonly #options: SimulatedOptions
  readonly #images: Images
  readonly #listeners = new Set<(event: VmEvent) => void>()
  readonly #shutdowns = new Map<string, NodeJS.Timeout>()

  constructor(options: SimulatedOptions = {}) {
    this.#options = options
    const ourselves = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    this.#images = imagesIn(options.imagesDirectory ?? '/nonexistent', ourselves)
    this.#store = openStateStore(options.file)
  }

  describeNode(): Promise<NodeDescription> {
    return this.#call('describeNode', undefined, () => describeNode(this.#options))
  }

  probeCpuModes(): Promise<CpuModeSupport[]> {
    return this.#call('probeCpuModes', undefined, () => describeCpuModes(this.#options.unsupported))
  }

  observeVm(vmId: string): Promise<VmObservation | null> {
    return this.#call('observeVm', vmId, () => {
      const vm = this.#store.state.vms[vmId]
      if (!vm) return null
      const { state, stateReason } = vm
      if (state === 'STOPPED') return { vmId, state, stateReason, effectiveCpu: null, guestAgentConnected: null }
      const effectiveCpu = runningCpu(vm.definition)
      return { vmId, state, stateReason, effectiveCpu, guestAgentConnected: hasAgent(vm) }
    })
  }

  createDisk(disk: DiskRequest): Promise<void> {
    return this.#call('createDisk', disk.vmId, async () => {
      const { name } = await volumeFor(this.#images, disk)
      addFile(this.#store.state.files, name)
    })
  }

  deleteVmFiles(vmId: string): Promise<void> {
    return this.#call('deleteVmFiles', vmId, () => {
      if (this.#store.state.vms[vmId]) {
        throw new AppError('failed_precondition', 'The files of a VM that is defined are not deleted', {
          reason: 'VM_IS_DEFINED',
        })
      }
      const { files } = this.#store.state
      for (const name of Object.keys(files)) if (name.startsWith(vmPrefix(vmId))) delete files[name]
    })
  }

  defineVm(definition: VmDefinition): Promise<void> {
    const node = { state: this.#store.state, images: this.#images, unsupported: this.#options.unsupported ?? {} }
    return this.#call('defineVm', definition.vmId, () => define(node, definition))
  }

  undefineVm(vmId: string): Promise<void> {
    return this.#call('undefineVm', vmId, () => {
      const vm = this.#store.state.vms[vmId]
      if (vm && vm.state !== 'STOPPED') {
        throw new AppError('failed_precondition', 'A VM that runs is not undefined', { reason: 'VM_IS_RUNNING' })
      }
      delete this.#store.state.vms[vmId]
    })
  }

  startVm(vmId: string): Promise<void> {
    return this.#call('startVm', vmId, () => {
      const vm = this.#defined(vmId)
      if (vm.state !== 'STOPPED') return
      failIf(vm.definition.name, 'failsToStart')
      this.#change(vmId, 'RUNNING', 'started')
    })
  }

  requestShutdown(vmId: string): Promise<void> {
    return this.#call('requestShutdown', vmId, () => {
      const vm = this.#defined(vmId)
      if (vm.state !== 'RUNNING' || isSentinel(vm.definition.name, 'ignoresShutdown')) return
      const powerOff = () => {
        if (this.#store.state.vms[vmId]?.state === 'RUNNING') this.#change(vmId, 'STOPPED', 'shutdown')
        this.#store.save()
      }
      clearTimeout(this.#shutdowns.get(vmId))
      this.#shutdowns.set(vmId, setTimeout(powerOff, this.#options.shutdownMs ?? 50))
    })
  }

  destroyVm(vmId: string): Promise<void> {
    return this.#call('destroyVm', vmId, () => {
      const vm = this.#store.state.vms[vmId]
      if (vm && vm.state !== 'STOPPED') this.#change(vmId, 'STOPPED', 'destroyed')
    })
  }

  requestReboot(vmId: string): Promise<void> {
    return this.#call('requestReboot', vmId, () => {
      const vm = this.#running(vmId)
      if (isSentinel(vm.definition.name, 'ignoresShutdown')) return
      const reboot = () => {
        if (this.#store.state.vms[vmId]?.state === 'RUNNING') this.#tell({ vmId, state: 'RUNNING', rebooted: true })
      }
      clearTimeout(this.#shutdowns.get(vmId))
      this.#shutdowns.set(vmId, setTimeout(reboot, this.#options.shutdownMs ?? 50))
    })
  }

  resetVm(vmId: string): Promise<void> {
    return this.#call('resetVm', vmId, () => {
      this.#running(vmId)
      this.#tell({ vmId, state: 'RUNNING', rebooted: true })
    })
  }

  pauseVm(vmId: string): Promise<void> {
    return this.#call('pauseVm', vmId, () => {
      refuseStopped(this.#defined(vmId))
      this.#change(vmId, 'PAUSED', 'paused')
    })
  }

  resumeVm(vmId: string): Promise<void> {
    return this.#call('resumeVm', vmId, () => {
      refuseStopped(this.#defined(vmId))
      this.#change(vmId, 'RUNNING', 'resumed')
    })
  }

  correctClock(vmId: string): Promise<ClockCorrection> {
    return this.#call('correctClock', vmId, () => clockOf(this.#defined(vmId)))
  }

  findDisks(vmId: string): Promise<SnapshotDisk[]> {
    return this.#call('findDisks', vmId, () => findDisks(this.#store.state, vmId))
  }

  keepVolume(vmId: string, from: string, to: string): Promise<void> {
    return this.#call('keepVolume', vmId, () => keepVolume(this.#store.state, vmId, from, to))
  }

  createSnapshot(request: SnapshotRequest): Promise<SnapshotTaken> {
    return this.#call('createSnapshot', request.vmId, () => {
      const vm = this.#defined(request.vmId)
      const known = vm.snapshots[request.snapshotId]
      if (known) return known
      const taken = takeSnapshot(this.#store.state.files, vm, request)
      vm.snapshots[request.snapshotId] = taken
      return taken
    })
  }

  discardSnapshot(vmId: string, snapshotId: string): Promise<void> {
    return this.#call('discardSnapshot', vmId, () => {
      const { vms, files } = this.#store.state
      if (vms[vmId]) discard(files, vms[vmId], snapshotId)
    })
  }

  revertToSnapshot(request: RevertRequest): Promise<Reverted> {
    const { vmId } = request
    return this.#call('revertToSnapshot', vmId, () =>
      revert(this.#store.state.files, this.#defined(vmId), request, (state) => this.#change(vmId, state)),
    )
  }

  undoRevert(request: RevertRequest): Promise<void> {
    const { vmId } = request
    return this.#call('undoRevert', vmId, () => {
      const { vms, files } = this.#store.state
      if (vms[vmId]) undoRevert(files, vms[vmId], request, (state) => this.#change(vmId, state))
    })
  }

  reclaimFiles(request: ReclaimRequest): Promise<Reclaimed> {
    return this.#call('reclaimFiles', request.vmId, async () => {
      const vm = this.#defined(request.vmId)
      if (vm.diskProblem) throw new AppError('failed_precondition', vm.diskProblem.message, vm.diskProblem)
      await request.onBegin?.()
      failIf(vm.definition.name, 'failsToReclaim')
      return reclaim(this.#store.state.files, vm, request)
    })
  }

  checkDisks({ vmId }: DiskCheckRequest): Promise<DiskProblem | null> {
    return this.#call('checkDisks', vmId, () => this.#store.state.vms[vmId]?.diskProblem ?? null)
  }

  onVmEvent(listener: (event: VmEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    for (const timer of this.#shutdowns.values()) clearTimeout(timer)
    this.#listeners.clear()
  }

  /** What is on the node now, for who wants to look behind the port. */
  get contents(): { vms: Readonly<Record<string, SimulatedVm>>; files: readonly string[] } {
    return { vms: this.#store.state.vms, files: Object.keys(this.#store.state.files) }
  }

  /** The blocks that a guest reads from a disk of this file. */
  readVolume(volume: string): Record<number, string> {
    return diskContent(this.#store.state.files, volume)
  }

  /** The file that this one stands on. */
  backingOf(volume: string): string | null {
    return this.#store.state.files[volume]?.backing ?? null
  }

  /** What a guest does to its disk. */
  writeDisk(vmId: string, target: string, block: number, word: string): void {
    const disk = this.#defined(vmId).disks.find((found) => found.target === target)
    const file = disk && this.#store.state.files[disk.volume]
    if (!file) throw new Error(`VM ${vmId} has no disk ${target}`)
    file.blocks[block] = word
    this.#store.save()
  }

  /** From now on a check of the VM's disks finds this. */
  changeDiskProblem(vmId: string, problem: DiskProblem | null): void {
    this.#defined(vmId).diskProblem = problem
    this.#store.save()
  }

  /** Something that nobody asked for: a guest shuts itself down, or an operator works past us. */
  changeUnasked(vmId: string, state: RunState | 'undefined', reason: StateReason | null = null): void {
    if (state === 'undefined') delete this.#store.state.vms[vmId]
    else this.#change(vmId, state, reason)
    this.#store.save()
  }

  async #call<Result>(
    call: SimulatedCall,
    vmId: string | undefined,
    act: () => Result | Promise<Result>,
  ): Promise<Result> {
    this.#options.onCall?.(call, 'before', vmId)
    const result = await act()
    this.#store.save()
    this.#options.onCall?.(call, 'after', vmId)
    return result
  }

  #defined(vmId: string): SimulatedVm {
    const vm = this.#store.state.vms[vmId]
    if (!vm) throw new AppError('not_found', `VM ${vmId} is not on this node`, { reason: 'VM_NOT_ON_NODE' })
    return vm
  }

  #change(vmId: string, state: RunState, reason: StateReason | null = null): void {
    const vm = this.#defined(vmId)
    if (vm.state === state) return
    vm.state = state
    vm.stateReason = reason
    this.#tell({ vmId, state })
  }

  #tell(event: VmEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #running(vmId: string): SimulatedVm {
    const vm = this.#defined(vmId)
    if (vm.state === 'RUNNING') return vm
    throw new AppError('failed_precondition', `The VM does not run: it is ${vm.state}.`, { reason: 'VM_NOT_RUNNING' })
  }
}

function refuseStopped({ state }: SimulatedVm): void {
  if (state !== 'STOPPED') return
  throw new AppError('failed_precondition', 'The VM is stopped.', { reason: 'VM_IS_STOPPED' })
}
