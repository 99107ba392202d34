import type { Deps } from '#api/deps.ts'
import { actionStatement, type Begun, beginAction } from './actions.ts'
import type { VmRebootInput, VmStopInput } from './power-schemas.ts'

const statements = {
  start: actionStatement({ action: 'start', next: 'STARTING' }),
  stop: actionStatement({ action: 'stop', next: 'STOPPING' }),
  forceStop: actionStatement({ action: 'forceStop', next: 'STOPPING' }),
  reboot: actionStatement({ action: 'reboot' }),
  reset: actionStatement({ action: 'reset' }),
  pause: actionStatement({ action: 'pause' }),
  resume: actionStatement({ action: 'resume' }),
} as const

/** Starts a stopped VM; a running one is left as it is. */
export const startVm = (deps: Deps, vmId: string): Promise<Begun> =>
  beginAction(deps, vmId, { action: 'start', statement: statements.start, kind: 'vm.start', input: { vmId } })

/** Stops a running or paused VM; a stopped one is left as it is. With `force` it overtakes what waits for the guest. */
export function stopVm(deps: Deps, vmId: string, options: VmStopInput): Promise<Begun> {
  const action = options.force ? 'forceStop' : 'stop'
  const input = { vmId, ...options }
  return beginAction(deps, vmId, { action, statement: statements[action], kind: 'vm.stop', input })
}

/** Reboots a running VM; with `force` it is reset, also while its guest is being asked to reboot. */
export function rebootVm(deps: Deps, vmId: string, options: VmRebootInput): Promise<Begun> {
  const action = options.force ? 'reset' : 'reboot'
  const input = { vmId, ...options }
  return beginAction(deps, vmId, { action, statement: statements[action], kind: 'vm.reboot', input })
}

/** Lets a running VM stand still; a paused one is left as it is. */
export const pauseVm = (deps: Deps, vmId: string): Promise<Begun> =>
  beginAction(deps, vmId, { action: 'pause', statement: statements.pause, kind: 'vm.pause', input: { vmId } })

/** Lets a paused VM go on; a running one is left as it is. */
export const resumeVm = (deps: Deps, vmId: string): Promise<Begun> =>
  beginAction(deps, vmId, { action: 'resume', statement: statements.resume, kind: 'vm.resume', input: { vmId } })
