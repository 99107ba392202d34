import type { SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { nameNow } from '#worker/hypervisor/simulated/reclaim.ts'
import type { DiskAccess } from './disk-access.ts'
import { emptyContent } from './slots.ts'

/** A simulated node's disks: a slot is a block there. */
export function simulatedDisks(hypervisor: SimulatedHypervisor): DiskAccess {
  const vmOf = (vmId: string) => {
    const vm = hypervisor.contents.vms[vmId]
    if (!vm) throw new Error(`no VM ${vmId}`)
    return vm
  }
  return {
    async write(vmId, target, slot, value) {
      hypervisor.writeDisk(vmId, target, slot, String(value))
    },
    async read(volume) {
      if (!hypervisor.contents.files.includes(volume)) throw new Error(`there is no file ${volume}`)
      const blocks = hypervisor.readVolume(volume)
      return emptyContent.map((_, slot) => Number(blocks[slot] ?? 0))
    },
    nameNow: async (vmId, volume) => nameNow(vmOf(vmId), volume),
    state: async (vmId) => vmOf(vmId).state,
    currentDisks: async (vmId) => vmOf(vmId).disks,
    files: async (vmId) =>
      new Map(
        hypervisor.contents.files
          .filter((name) => name.startsWith(vmId))
          .map((name) => [name, hypervisor.backingOf(name)]),
      ),
    requireSound: async () => {},
    digest: async (volume) => (hypervisor.contents.files.includes(volume) ? volume : null),
    changeNvram: async () => {},
    suspend: async (vmId) => hypervisor.changeUnasked(vmId, 'PAUSED'),
    resume: async (vmId) => hypervisor.changeUnasked(vmId, 'RUNNING'),
    killQemu: async (vmId) => hypervisor.changeUnasked(vmId, 'STOPPED'),
  }
}
