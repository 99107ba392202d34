import { AppError } from '#db/errors.ts'
import type { DeviceName } from '#db/late-unplugs.ts'
import { hotplugRefusal } from '#db/rules/hotplug.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { noVolume } from '../libvirt/devices/volumes.ts'
import { renameFile, requireUnnamed } from './kept-disks.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedCalls } from './options.ts'
import { isSentinel } from './sentinels.ts'
import type { SimulatedVm } from './state.ts'

/** Devices that come and go; a guest that runs lets go at once, unless it is told to keep them. */
export const deviceCalls = ({ state, defined, images }: SimulatedNode) =>
  ({
    async takeVolume({ volume, as }) {
      if (!state.files[volume] && !state.files[as]) throw noVolume(volume, [])
      renameFile(state, volume, as)
      return { sizeGib: 1 }
    },
    async removeVolume(vmId, volume) {
      requireUnnamed(state, vmId, volume)
      delete state.files[volume]
    },
    async attachDisk({ vmId, target, volume, spec }) {
      const vm = defined(vmId)
      const there = [...vm.disks, ...vm.readOnlyDisks].find((disk) => disk.target === target)
      if (there && there.volume !== volume) {
        throw new AppError('failed_precondition', `The VM has another disk ${target}.`, { reason: 'DISK_TARGET_TAKEN' })
      }
      if (there) return
      refuseHotplug(vm, spec, target)
      if (!state.files[volume]) throw new Error(`there is no file ${volume}`)
      const list = spec.disks.find((disk) => disk.target === target)?.readOnly ? vm.readOnlyDisks : vm.disks
      list.push({ target, volume })
      define(vm, spec)
    },
    async detachDisk({ vmId, target, volume, spec }) {
      const vm = defined(vmId)
      const own = [...vm.disks, ...vm.readOnlyDisks].find((disk) => disk.target === target)
      if (volume !== undefined && own && own.volume !== volume) return true
      if (!vm.definition.spec.disks.some((disk) => disk.target === target)) return true
      refuseHotplug(vm, vm.definition.spec, target)
      if (keepsDevices(vm)) return false
      vm.disks = vm.disks.filter((disk) => disk.target !== target)
      vm.readOnlyDisks = vm.readOnlyDisks.filter((disk) => disk.target !== target)
      define(vm, spec)
      return true
    },
    async resizeDisk({ vmId, target, sizeGib }) {
      const vm = defined(vmId)
      const disk = vm.definition.spec.disks.find((found) => found.target === target)
      if (disk?.sizeGib !== undefined && disk.sizeGib > sizeGib) {
        throw new AppError('failed_precondition', `Disk ${target} has ${disk.sizeGib} GiB, and is only made larger.`, {
          reason: 'DISK_CANNOT_SHRINK',
        })
      }
      change(vm, ({ disks }) => ({
        disks: disks.map((found) => (found.target === target ? { ...found, sizeGib } : found)),
      }))
    },
    async changeMedia({ vmId, target, iso }) {
      if (iso !== null) await images.find('iso', iso)
      change(defined(vmId), ({ cdroms }) => ({
        cdroms: cdroms.map((drive) => (drive.target === target ? { ...drive, iso } : drive)),
      }))
    },
    async attachNic({ vmId, spec }) {
      define(defined(vmId), spec)
    },
    async detachNic({ vmId, mac, spec }) {
      const vm = defined(vmId)
      if (!vm.definition.spec.nics.some((nic) => nic.mac === mac)) return true
      if (keepsDevices(vm)) return false
      define(vm, spec)
      return true
    },
    async replugDevice(vmId, device) {
      const { definition, running } = defined(vmId)
      if (running === null || has(running.spec, device) || !has(definition.spec, device)) return false
      const { disks, nics, bootOrder } = definition.spec
      running.spec = { ...running.spec, disks, nics, bootOrder }
      return true
    },
  }) satisfies Partial<SimulatedCalls>

const has = ({ disks, nics }: VmSpec, device: DeviceName): boolean =>
  'target' in device ? disks.some(({ target }) => target === device.target) : nics.some(({ mac }) => mac === device.mac)

const define = (vm: SimulatedVm, { disks, nics, bootOrder }: VmSpec): void =>
  change(vm, () => ({ disks, nics, bootOrder }))

/** Changes what runs and what the next start takes; what a snapshot has saved stays. */
function change(vm: SimulatedVm, to: (spec: VmSpec) => Partial<VmSpec>): void {
  const changed = (definition: VmDefinition): VmDefinition => ({
    ...definition,
    spec: { ...definition.spec, ...to(definition.spec) },
  })
  vm.definition = changed(vm.definition)
  vm.running = vm.running && changed(vm.running)
}

/** A guest that stands still lets go of nothing. */
const keepsDevices = ({ state, definition }: SimulatedVm): boolean =>
  state === 'PAUSED' || (state === 'RUNNING' && isSentinel(definition.name, 'keepsDevices'))

function refuseHotplug({ state }: SimulatedVm, spec: VmSpec, target: string): void {
  const disk = spec.disks.find((found) => found.target === target)
  const refusal = disk && state !== 'STOPPED' ? hotplugRefusal(disk) : null
  if (refusal) throw refusal
}
