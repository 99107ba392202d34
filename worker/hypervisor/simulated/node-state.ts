import { AppError } from '#db/errors.ts'
import type { RunState, StateReason, VmEvent } from '#worker/hypervisor/port.ts'
import { type Images, imagesIn } from '../libvirt/images.ts'
import type { SimulatedOptions } from './options.ts'
import { openStateStore, type SimulatedState, type SimulatedVm } from './state.ts'

/** What every call of a simulated node works on. */
export interface SimulatedNode {
  readonly options: SimulatedOptions
  readonly images: Images
  readonly state: SimulatedState
  save(): void
  /** Throws `not_found`. */
  defined(vmId: string): SimulatedVm
  /** Tells those who listen, where it is a change. */
  change(vmId: string, state: RunState, reason?: StateReason | null): void
  tell(event: VmEvent): void
  listen(listener: (event: VmEvent) => void): () => void
  /** Says that events may have been lost. */
  tellLoss(): void
  listenForLoss(listener: () => void): () => void
  /** What a guest that was asked does after its time, where it runs by then; it does the last thing that it was asked. */
  guestWill(vmId: string, act: () => void): void
  close(): Promise<void>
}

/** More than anybody is shown. */
const logLines = 1000

export function createNode(options: SimulatedOptions): SimulatedNode {
  const ourselves = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const { state, save } = openStateStore(options.file)
  const listeners = new Set<(event: VmEvent) => void>()
  const lossListeners = new Set<() => void>()
  const asked = new Map<string, NodeJS.Timeout>()

  const tell = (event: VmEvent) => {
    for (const listener of listeners) listener(event)
  }

  function defined(vmId: string): SimulatedVm {
    const vm = state.vms[vmId]
    if (!vm) throw new AppError('not_found', `VM ${vmId} is not on this node`, { reason: 'VM_NOT_ON_NODE' })
    return vm
  }

  return {
    options,
    images: imagesIn(options.imagesDirectory ?? '/nonexistent', ourselves),
    state,
    save,
    defined,
    change(vmId, next, reason = null) {
      const vm = defined(vmId)
      if (vm.state === next) return
      if (vm.state === 'STOPPED') {
        vm.starts++
        vm.running = vm.definition
      }
      if (next === 'STOPPED') vm.running = null
      if (next === 'STOPPED' && !vm.definedOnNode) delete state.vms[vmId]
      vm.state = next
      vm.stateReason = reason
      vm.log = [...(vm.log ?? []), `${new Date().toISOString()}: ${reason ?? next}`].slice(-logLines)
      tell({ vmId, state: next, reason })
    },
    tell,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tellLoss() {
      for (const listener of lossListeners) listener()
    },
    listenForLoss(listener) {
      lossListeners.add(listener)
      return () => lossListeners.delete(listener)
    },
    guestWill(vmId, act) {
      const inTime = () => {
        if (state.vms[vmId]?.state === 'RUNNING') act()
        save()
      }
      clearTimeout(asked.get(vmId))
      asked.set(vmId, setTimeout(inTime, options.shutdownMs ?? 50))
    },
    async close() {
      for (const timer of asked.values()) clearTimeout(timer)
      listeners.clear()
    },
  }
}
