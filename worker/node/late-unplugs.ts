import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import {
  type AskedDevice,
  type DeviceName,
  findAskedDevices,
  type LateUnplug,
  recordLateUnplug,
} from '#db/late-unplugs.ts'
import type { Claimant } from '#db/operations/claim.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'

/**
 * Gives VMs back what their guests let go of too late. QEMU cannot take back what it asked of a guest: after a detach that
 * failed, the guest may still let go, as each does that is reset, and the spec has the device.
 */
export interface LateUnplugs {
  /** The VM has lost a device. An operation that is at work on it may have wanted that: then it is looked at when it has ended. */
  deviceRemoved(vmId: string): Promise<void>
  operationEnded(vmId: string): Promise<void>
  /** What no event told of. */
  lookAtAll(): Promise<void>
}

/** Where it is remembered what guests were asked for. */
export interface AskedDevices {
  /** Those of VMs that run as they did then, and that no operation works on; of all, or of one. */
  find(vmId?: string): Promise<AskedDevice[]>
  record(unplug: LateUnplug): Promise<void>
}

/** In Postgres, by the operations that failed. */
export const askedInDatabase = (db: Database, claimant: Claimant): AskedDevices => ({
  find: (vmId) => findAskedDevices(db, claimant.nodeId, vmId),
  record: (unplug) => recordLateUnplug(db, claimant, unplug),
})

interface LateUnplugsDependencies {
  devices: AskedDevices
  hypervisor: Pick<Hypervisor, 'replugDevice'>
  log: Logger
}

export function createLateUnplugs({ devices, hypervisor, log }: LateUnplugsDependencies): LateUnplugs {
  const heardOf = new Set<string>()

  async function look(vmId?: string): Promise<void> {
    for (const asked of await devices.find(vmId)) await giveBack(asked)
  }

  async function giveBack({ vmId, device }: AskedDevice): Promise<void> {
    const problem = await hypervisor.replugDevice(vmId, device).then(
      (hadLostIt) => (hadLostIt ? null : undefined),
      (error: unknown) => {
        if (error instanceof AppError && error.code !== 'unavailable') return error
        throw error
      },
    )
    if (problem === undefined) return
    const message = messageOf(device, problem)
    await devices.record({ vmId, device, isBack: problem === null, message })
    log.warn({ vm: { id: vmId, ...device }, err: problem }, 'a guest let go of a device late')
  }

  return {
    deviceRemoved(vmId) {
      heardOf.add(vmId)
      return look(vmId)
    },
    async operationEnded(vmId) {
      if (heardOf.delete(vmId)) await look(vmId)
    },
    lookAtAll: () => look(),
  }
}

function messageOf(device: DeviceName, problem: AppError | null): string {
  const name = 'target' in device ? `disk ${device.target}` : `network card ${device.mac}`
  const letGo = `The guest let go of ${name} after all, which a detach that failed had asked for`
  return problem === null
    ? `${letGo}; it is plugged in again. A guest that had it in use may need a restart.`
    : `${letGo}, and it cannot be plugged in again. Stop the VM and start it to have it back. ${problem.message}`
}
