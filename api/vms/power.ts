import type { Deps } from '#api/deps.ts'
import { type Begun, beginAction } from '#db/operations/begin-action.ts'
import type { VmRebootInput, VmStopInput } from './power-schemas.ts'

/** Starts a stopped VM; a running one is left as it is. */
export const startVm = (deps: Deps, vmId: string): Promise<Begun> =>
  beginAction(deps, vmId, { action: 'start', kind: 'vm.start', input: { vmId } })

/** Stops a running or paused VM; a stopped one is left as it is. With `force` it overtakes what waits for the guest. */
export function stopVm(deps: Deps, vmId: string, options: VmStopInput): Promise<Begun> {
  const action = options.force ? 'forceStop' : 'stop'
  return beginAction(deps, vmId, { action, kind: 'vm.stop', input: { vmId, ...options } })
}

/** Reboots a running VM; with `force` it is reset, also while its guest is being asked to reboot. */
export function rebootVm(deps: Deps, vmId: string, options: VmRebootInput): Promise<Begun> {
  const action = options.force ? 'reset' : 'reboot'
  return beginAction(deps, vmId, { action, kind: 'vm.reboot', input: { vmId, ...options } })
}

/** Lets a running VM stand still; a paused one is left as it is. */
export const pauseVm = (deps: Deps, vmId: string): Promise<Begun> =>
  beginAction(deps, vmId, { action: 'pause', kind: 'vm.pause', input: { vmId } })

/** Lets a paused VM go on; a running one is left as it is. */
export const resumeVm = (deps: Deps, vmId: string): Promise<Begun> =>
  beginAction(deps, vmId, { action: 'resume', kind: 'vm.resume', input: { vmId } })
