import type { DeviceCalls } from '#worker/hypervisor/device-calls.ts'
import type { Guard } from '../guard.ts'
import type { Images } from '../images.ts'
import type { StoragePool } from '../storage-pool.ts'
import { attachDisk, detachDisk, resizeDisk } from './disks.ts'
import { changeMedia } from './media.ts'
import { attachNic, detachNic } from './nics.ts'
import type { PlugDeps } from './plug.ts'
import { replugDevice } from './replug.ts'
import { removeVolume, takeVolume } from './volumes.ts'

interface Deps extends PlugDeps {
  pool: StoragePool
  images: Images
}

/** The calls about a VM's devices. Each has the VM `alone`; none touches one whose QEMU libvirt has lost. */
export function deviceCalls(deps: Deps, alone: Guard, unlessLost: Guard): DeviceCalls {
  const guarded: Guard = (vmId, work) => alone(vmId, () => unlessLost(vmId, work))
  return {
    takeVolume: (request) => guarded(request.vmId, () => takeVolume(deps, request)),
    removeVolume: (vmId, volume) => guarded(vmId, () => removeVolume(deps, vmId, volume)),
    attachDisk: (request) => guarded(request.vmId, () => attachDisk(deps, request)),
    detachDisk: (request) => guarded(request.vmId, () => detachDisk(deps, request)),
    resizeDisk: (request) => guarded(request.vmId, () => resizeDisk(deps, request)),
    changeMedia: (request) => guarded(request.vmId, () => changeMedia(deps, request)),
    attachNic: (request) => guarded(request.vmId, () => attachNic(deps, request)),
    detachNic: (request) => guarded(request.vmId, () => detachNic(deps, request)),
    replugDevice: (vmId, device) => guarded(vmId, () => replugDevice(deps, vmId, device)),
  }
}
