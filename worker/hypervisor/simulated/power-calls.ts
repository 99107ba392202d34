import { AppError } from '#db/errors.ts'
import { holdErrors } from '../libvirt/freeze/hold-errors.ts'
import { clockOf } from './clock.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedCalls } from './options.ts'
import { failIf, isSentinel } from './sentinels.ts'

/** What switches guests on and off, and what is asked of them. */
export const powerCalls = (node: SimulatedNode) =>
  ({
    async startVm(vmId) {
      const { state, definition } = node.defined(vmId)
      if (state !== 'STOPPED') return
      failIf(definition.name, 'failsToStart')
      node.change(vmId, 'RUNNING', 'started')
    },
    async requestShutdown(vmId) {
      const { state, definition } = node.defined(vmId)
      if (state !== 'RUNNING' || isSentinel(definition.name, 'ignoresShutdown')) return
      node.guestWill(vmId, () => node.change(vmId, 'STOPPED', 'shutdown'))
    },
    async destroyVm(vmId) {
      if (node.state.vms[vmId]) node.change(vmId, 'STOPPED', 'destroyed')
    },
    async requestReboot(vmId) {
      refuseUnlessRunning(node, vmId)
      if (isSentinel(node.defined(vmId).definition.name, 'ignoresShutdown')) return
      node.guestWill(vmId, () => node.tell({ vmId, state: 'RUNNING', rebooted: true }))
    },
    async resetVm(vmId) {
      refuseUnlessRunning(node, vmId)
      node.tell({ vmId, state: 'RUNNING', rebooted: true })
    },
    async pauseVm(vmId) {
      refuseStopped(node, vmId)
      if (node.defined(vmId).hold) throw holdErrors.isFrozen('A VM cannot be paused')
      node.change(vmId, 'PAUSED', 'paused')
    },
    async resumeVm(vmId) {
      refuseStopped(node, vmId)
      node.change(vmId, 'RUNNING', 'resumed')
    },
    correctClock: async (vmId) => clockOf(node.defined(vmId)),
  }) satisfies Partial<SimulatedCalls>

function refuseUnlessRunning(node: SimulatedNode, vmId: string): void {
  const { state } = node.defined(vmId)
  if (state === 'RUNNING') return
  throw new AppError('failed_precondition', `The VM does not run: it is ${state}.`, { reason: 'VM_NOT_RUNNING' })
}

function refuseStopped(node: SimulatedNode, vmId: string): void {
  if (node.defined(vmId).state !== 'STOPPED') return
  throw new AppError('failed_precondition', 'The VM is stopped.', { reason: 'VM_IS_STOPPED' })
}
