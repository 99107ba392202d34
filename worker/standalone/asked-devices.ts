import type { DeviceName } from '#db/late-unplugs.ts'
import { isSameJson } from '#db/same-json.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { AskedDevices } from '#worker/node/late-unplugs.ts'
import type { VmFiles, VmRecord } from './vm-files.ts'

/**
 * What the guest of a VM was asked for and kept, when an operation on it has ended. QEMU forgets what it asked when it
 * ends.
 */
export function askedAfter(
  { vm: before, asked, operation }: VmRecord,
  vm: Pick<VmRow, 'state' | 'runId'>,
  hasFailed: boolean,
): DeviceName[] {
  if (!isOn(vm)) return []
  const device = operation && detachedDevice(operation)
  const others = vm.runId === before.runId ? asked.filter((other) => !isSameJson(other, device)) : []
  return device && hasFailed ? [...others, device] : others
}

const isOn = ({ state }: Pick<VmRow, 'state'>): boolean => state === 'RUNNING' || state === 'PAUSED'

function detachedDevice({ kind, input }: Pick<OperationRow, 'kind' | 'input'>): DeviceName | null {
  if (kind === 'disk.detach') return { target: String(input.target) }
  return kind === 'nic.detach' ? { mac: String(input.mac) } : null
}

/** In the files of the VMs. */
export const askedInFiles = (files: VmFiles): AskedDevices => ({
  async find(vmId) {
    const records = vmId === undefined ? files.all() : [files.find(vmId)].filter((record) => record !== undefined)
    return records
      .filter(({ vm, operation }) => isOn(vm) && !operation)
      .flatMap(({ vm, asked }) => asked.map((device) => ({ vmId: vm.id, device })))
  },
  async record({ vmId, isBack, message }) {
    if (isBack) return
    await files.update(vmId, (record) =>
      !record || record.vm.message === message ? record : { ...record, vm: { ...record.vm, message } },
    )
  },
})
