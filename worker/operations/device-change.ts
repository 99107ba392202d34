import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { ResourceChange } from '#db/operations/resource-change.ts'
import { remedies } from '#db/rules/remedies.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { VmObservation } from '#worker/hypervisor/port.ts'
import { workerStops } from '#worker/worker-stops.ts'
import type { GuestTime } from './ask-guest.ts'
import { observedVm } from './observed-vm.ts'

/** What becomes of a VM whose devices are as they were asked for. */
export const deviceChanged = (vm: VmRow, observed: VmObservation | null, spec: VmSpec): ResourceChange => ({
  vm: { ...observedVm(observed, vm), spec },
})

const lookEveryMs = 500

interface Unplugging extends GuestTime {
  /** For people: what the guest is to let go of. */
  device: string
  signal: AbortSignal
  /** Asks, and resolves to whether the device is out. */
  unplug(): Promise<boolean>
}

/**
 * Asks the guest for a device until it has let go. Throws `failed_precondition` when its time is up, and `unavailable` when
 * the signal comes first.
 */
export async function untilLetGo({ device, deadline, signal, unplug }: Unplugging): Promise<void> {
  while (!(await unplug())) {
    if (signal.aborted) throw workerStops()
    if (Date.now() >= Date.parse(deadline)) throw keepsDevice(device)
    await delay(lookEveryMs, undefined, { signal }).catch(() => {})
  }
}

const keepsDevice = (device: string): AppError =>
  new AppError(
    'failed_precondition',
    `The guest did not let go of ${device} in its time: it may be in use there, or not have booted. Unmount it in the guest and try again, ` +
      'or stop the VM, then detach it. A guest that lets go of it later gets it back, and may need a restart then.',
    { reason: 'GUEST_KEEPS_DEVICE', details: { remedies: [remedies.stop] } },
  )
