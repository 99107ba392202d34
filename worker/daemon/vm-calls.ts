import { AppError } from '#db/errors.ts'
import type { Calls } from './calls.ts'
import { readNewVm } from './read-spec.ts'
import type { VmControl } from './vm-control.ts'
import { readVmId } from './vm-id.ts'

/** A guest's time to shut down or reboot, as over REST. */
const guestTimeoutSeconds = 60
const maxGuestTimeoutSeconds = 3600

/** What a node does with its VMs. */
export const vmCalls = (control: VmControl) =>
  ({
    async CreateVM(request) {
      const wanted = readNewVm(request)
      const created = await control.create(wanted)
      const message = created ? 'The VM was made, and is stopped.' : 'The VM is there already.'
      return { vmId: wanted.vmId, created, message }
    },
    async StartVM(request) {
      const vmId = readVmId(request)
      await control.perform({ action: 'start', kind: 'vm.start', input: { vmId } })
      return {}
    },
    async StopVM(request) {
      const input = { vmId: readVmId(request), force: false, timeoutSeconds: readTimeout(request.timeoutSeconds) }
      await control.perform({ action: 'stop', kind: 'vm.stop', input })
      return {}
    },
    async ForceStopVM(request) {
      const input = { vmId: readVmId(request), force: true, timeoutSeconds: guestTimeoutSeconds }
      await control.perform({ action: 'forceStop', kind: 'vm.stop', input })
      return {}
    },
    async RebootVM(request) {
      const input = { vmId: readVmId(request), force: false, timeoutSeconds: guestTimeoutSeconds }
      await control.perform({ action: 'reboot', kind: 'vm.reboot', input })
      return {}
    },
    async PauseVM(request) {
      await control.perform({ action: 'pause', kind: 'vm.pause', input: { vmId: readVmId(request) } })
      return {}
    },
    async ResumeVM(request) {
      await control.perform({ action: 'resume', kind: 'vm.resume', input: { vmId: readVmId(request) } })
      return {}
    },
    async DeleteVM(request) {
      const input = { vmId: readVmId(request), force: false, deleteDisks: true }
      await control.perform({ action: 'delete', kind: 'vm.delete', input })
      return {}
    },
  }) satisfies Partial<Calls>

function readTimeout(seconds: number): number {
  if (seconds <= maxGuestTimeoutSeconds) return seconds || guestTimeoutSeconds
  throw new AppError('invalid_argument', `timeout_seconds must be at most ${maxGuestTimeoutSeconds}.`, {
    reason: 'INVALID_TIMEOUT',
  })
}
