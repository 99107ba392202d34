import { z } from 'zod'
import type { RefuseFields } from '#db/rules/device-change.ts'
import { decideDiskAttach, decideDiskDetach } from '#db/rules/disk-changes.ts'
import { decideMediaChange } from '#db/rules/media-change.ts'
import { decideNicAttach, decideNicDetach } from '#db/rules/nic-changes.ts'
import type { Calls } from './calls.ts'
import { type FieldProblem, invalidRequest, readFields } from './invalid-request.ts'
import { attachedDiskMessage, cdromTarget, diskTarget, isoPath, mac, nicMessage } from './read-devices.ts'
import type { VmControl } from './vm-control.ts'
import { readVmId } from './vm-id.ts'

/** A guest's time to let go of a device, as over REST. */
const timeoutSeconds = 30

const diskAttach = z.object({ disk: attachedDiskMessage })
const diskDetach = z.object({ diskId: diskTarget }).transform(({ diskId }) => ({ target: diskId }))
const nicAttach = z.object({ nic: nicMessage })
const nicDetach = z.object({ nicId: mac }).transform(({ nicId }) => ({ mac: nicId }))
const mediaChange = z
  .object({ device: cdromTarget, isoPath })
  .transform(({ device, isoPath: iso }) => ({ target: device, iso }))

/** What a node does with the devices of its VMs. */
export const deviceCalls = (control: VmControl) =>
  ({
    async AttachDisk(request) {
      const { disk } = readFields(diskAttach, request, invalid)
      await control.changeDevices(readVmId(request), (vm) => decideDiskAttach(vm, disk, invalidDevice('disk')))
      return {}
    },
    async DetachDisk(request) {
      const wanted = { ...readFields(diskDetach, request, invalid), deleteData: false, timeoutSeconds }
      await control.changeDevices(readVmId(request), (vm) => decideDiskDetach(vm, wanted))
      return {}
    },
    async AttachNIC(request) {
      const { nic } = readFields(nicAttach, request, invalid)
      await control.changeDevices(readVmId(request), (vm) => decideNicAttach(vm, nic, invalidDevice('nic')))
      return {}
    },
    async DetachNIC(request) {
      const wanted = { ...readFields(nicDetach, request, invalid), timeoutSeconds }
      await control.changeDevices(readVmId(request), (vm) => decideNicDetach(vm, wanted))
      return {}
    },
    async ChangeMedia(request) {
      const wanted = { ...readFields(mediaChange, request, invalid), force: false }
      await control.changeDevices(readVmId(request), (vm) => decideMediaChange(vm, wanted))
      return {}
    },
  }) satisfies Partial<Calls>

const invalid = (problems: readonly FieldProblem[]) =>
  invalidRequest('The devices of the VM cannot be changed', 'INVALID_DEVICE', problems)

const invalidDevice =
  (field: string): RefuseFields =>
  (problems) =>
    invalid(problems.map(({ path, message }) => ({ path: [field, ...path], message })))
