import { randomUUID } from 'node:crypto'
import { AppError } from '#db/errors.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import { withoutDisk } from '#db/spec-devices.ts'
import type { VmObservation } from '#worker/hypervisor/port.ts'
import { keptVolume } from '#worker/hypervisor/storage-names.ts'
import { type GuestTime, guestTime } from './ask-guest.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { untilLetGo } from './device-change.ts'
import { failedTo, observedVm } from './observed-vm.ts'
import { requireSoundDisks } from './sound-disks.ts'

type Context = StepContext<'disk.detach'>

/** Takes a disk from a VM, when its guest has let go; what is on it is kept as a volume, unless it is to be deleted. */
export const diskDetach: OperationDefinition<'disk.detach'> = {
  steps: [
    { name: 'find', run: find },
    { name: 'unplug', waits: true, run: unplug, undo: plugAgain },
    { name: 'release', run: release, undo: takeBack },
  ],
  succeeded: (context, observed) => detached(context, observed),
  result: ({ input, outputs }) => {
    const { file, volume } = outputs.find as Found
    return input.deleteData || file === null ? null : { volumes: [{ target: input.target, volume }] }
  },
  failed: (context, error, observed) => {
    const { vm, input } = context
    if (!isLost(context)) return { vm: failedTo(`detach disk ${input.target}`, error, observed, vm) }
    const message = `Disk ${input.target} is detached, and its file may still be on the node: ${error.message}`
    return { vm: { ...detached(context, observed).vm, message } }
  },
}

/** A disk that others made is no longer among those that the VM has of them. */
function detached({ vm, input: { target } }: Context, observed: VmObservation | null) {
  const { unmanaged } = vm
  const disks = unmanaged?.disks.filter((other) => other !== target) ?? []
  return {
    vm: {
      ...observedVm(observed, vm),
      spec: withoutDisk(vm.spec, target),
      ...(unmanaged && { unmanaged: { ...unmanaged, disks } }),
    },
  }
}

/** What is deleted cannot come back. */
const isLost = ({ input, outputs }: Context): boolean => input.deleteData && Object.hasOwn(outputs, 'unplug')

interface Found extends GuestTime {
  /** Null of a disk that is no file in the worker's pool: it stays where it is. */
  file: string | null
  /** Its name when it is no longer the VM's. */
  volume: string
}

const specAfter = ({ vm, input }: Context) => withoutDisk(vm.spec, input.target)

async function find(context: Context): Promise<Found> {
  await requireSoundDisks(context)
  const { vm, input, hypervisor } = context
  const disks = await hypervisor.findDisks(vm.id).catch(async (error: unknown) => {
    if (!(error instanceof AppError) || error.reason !== 'DISK_NOT_ONE_FILE') throw error
    // What snapshots left that are gone is merged first.
    await hypervisor.reclaimFiles({ vmId: vm.id, keep: [] })
    return hypervisor.findDisks(vm.id)
  })
  return { file: fileOf(disks, input.target), volume: keptVolume(randomUUID()), ...guestTime(input) }
}

const fileOf = (disks: readonly SnapshotDisk[], wanted: string): string | null =>
  disks.find(({ target }) => target === wanted)?.volume ?? null

function unplug(context: Context): Promise<void> {
  const { vm, input, outputs, signal, hypervisor } = context
  const { target } = input
  const { deadline } = outputs.find as Found
  const request = { vmId: vm.id, target, spec: specAfter(context) }
  return untilLetGo({ device: `disk ${target}`, deadline, signal, unplug: () => hypervisor.detachDisk(request) })
}

async function release({ vm, input, outputs, hypervisor }: Context): Promise<void> {
  const { file, volume } = outputs.find as Found
  if (file === null) return
  if (input.deleteData) await hypervisor.removeVolume(vm.id, file)
  else await hypervisor.keepVolume(vm.id, file, volume)
}

async function takeBack({ vm, input, outputs, hypervisor }: Context): Promise<void> {
  const { file, volume } = outputs.find as Found
  if (file !== null && !input.deleteData) await hypervisor.keepVolume(vm.id, volume, file)
}

/** The guest may have let go after all. */
async function plugAgain(context: Context): Promise<void> {
  const { vm, input, outputs, hypervisor } = context
  const { file } = outputs.find as Found
  if (file === null || isLost(context)) return
  await hypervisor.attachDisk({ vmId: vm.id, target: input.target, volume: file, spec: vm.spec })
}
