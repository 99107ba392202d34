import { AppError } from '#db/errors.ts'
import { hotplugOf, withHotplug } from '#db/rules/spec-hotplug.ts'
import { vmPrefix } from '#worker/hypervisor/storage-names.ts'
import { volumeFor } from '../libvirt/disk-volume.ts'
import { changeSpec, define } from './define.ts'
import { addFile } from './files.ts'
import { readGuest } from './guest.ts'
import { findDisks, keepVolume } from './kept-disks.ts'
import { measure } from './measure.ts'
import { describeCpuModes, describeNode } from './node.ts'
import type { SimulatedNode } from './node-state.ts'
import { observe } from './observe.ts'
import type { SimulatedCalls } from './options.ts'
import { ensureSeed } from './seed.ts'

/** What there is on the node: itself, its VMs, and their files. */
export const definitionCalls = ({ options, images, state, defined }: SimulatedNode) =>
  ({
    describeNode: async () => describeNode(options),
    probeCpuModes: async () => describeCpuModes(options.unsupported),
    observeVm: async (vmId) => observe(state, vmId),
    observeVms: async () => Object.keys(state.vms).flatMap((vmId) => observe(state, vmId) ?? []),
    measureVms: async (vmIds) => measure(state, vmIds),
    readGuest: async (vmId) => readGuest(state, vmId),
    findMacs: async (vmId) => state.vms[vmId]?.definition.spec.nics.map(({ mac }) => mac) ?? null,
    async createDisk(disk) {
      const { name } = await volumeFor(images, disk)
      addFile(state.files, name, null, disk.baseImage)
    },
    ensureSeed: (seed) => ensureSeed(state.files, seed),
    async deleteVmFiles(vmId) {
      if (state.vms[vmId]) {
        throw new AppError('failed_precondition', 'The files of a VM that is defined are not deleted', {
          reason: 'VM_IS_DEFINED',
        })
      }
      for (const name of Object.keys(state.files)) if (name.startsWith(vmPrefix(vmId))) delete state.files[name]
    },
    async findImageUsers(image) {
      const files = Object.entries(state.files).filter(([, file]) => file.image === image)
      const vms = Object.values(state.vms).filter(({ definition: { spec } }) =>
        spec.cdroms.some(({ iso }) => iso === image),
      )
      return [
        ...files.map(([name]) => `disk file ${name}`),
        ...vms.map(({ definition }) => `domain ${definition.name}`),
      ]
    },
    defineVm: (definition) => define({ state, images, unsupported: options.unsupported ?? {} }, definition),
    changeSpec: (before, after) => changeSpec({ state, unsupported: options.unsupported ?? {} }, before, after),
    async hotplugVm({ vmId, spec }) {
      const vm = defined(vmId)
      if (!vm.running) return
      vm.running = {
        ...vm.running,
        spec: { ...vm.running.spec, ...withHotplug(vm.running.spec, hotplugOf(vm.running.spec, spec)) },
      }
    },
    async undefineVm(vmId) {
      const vm = state.vms[vmId]
      if (vm && vm.state !== 'STOPPED') {
        throw new AppError('failed_precondition', 'A VM that runs is not undefined', { reason: 'VM_IS_RUNNING' })
      }
      delete state.vms[vmId]
    },
    findDisks: async (vmId) => findDisks(state, vmId),
    keepVolume: async (vmId, from, to) => keepVolume(state, vmId, from, to),
  }) satisfies Partial<SimulatedCalls>
