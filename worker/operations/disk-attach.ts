import { AppError } from '#db/errors.ts'
import { withDisk } from '#db/spec-devices.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { DiskContent } from '#worker/hypervisor/device-calls.ts'
import { attachedVolume } from '#worker/hypervisor/storage-names.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { deviceChanged } from './device-change.ts'
import { failedTo } from './observed-vm.ts'
import { requireSoundDisks } from './sound-disks.ts'

type Context = StepContext<'disk.attach'>

/** Gives a VM one more disk: an empty one, a clone of an image, or a volume that was kept. */
export const diskAttach: OperationDefinition<'disk.attach'> = {
  steps: [
    // A step of its own: a VM that it refuses has nothing to undo.
    { name: 'check-disks', run: requireSoundDisks },
    { name: 'make-disk', run: makeDisk, undo: unmakeDisk },
    {
      name: 'attach',
      run: (context) => context.hypervisor.attachDisk({ ...requestOf(context), spec: specAfter(context) }),
      undo: detach,
    },
  ],
  succeeded: (context, observed) => deviceChanged(context.vm, observed, specAfter(context)),
  failed: ({ vm, input }, error, observed) => ({
    vm: failedTo(`attach disk ${input.disk.target}`, error, observed, vm),
  }),
}

const requestOf = ({ vm, operationId, input }: Context) => ({
  vmId: vm.id,
  target: input.disk.target,
  volume: attachedVolume(vm.id, input.disk.target, operationId),
})

function specAfter({ vm, input, outputs }: Context): VmSpec {
  const { sizeGib, baseImage } = outputs['make-disk'] as DiskContent
  return withDisk(vm.spec, { ...input.disk, sizeGib, baseImage })
}

async function makeDisk(context: Context): Promise<DiskContent> {
  const { input, operationId, hypervisor } = context
  const { vmId, volume: as } = requestOf(context)
  if (input.volume !== undefined) return hypervisor.takeVolume({ vmId, volume: input.volume, as })
  const { target, sizeGib, baseImage } = input.disk
  await hypervisor.createDisk({ vmId, operationId, target, sizeGib, baseImage })
  return { sizeGib, baseImage }
}

async function unmakeDisk(context: Context): Promise<void> {
  const { input, hypervisor } = context
  const { vmId, volume } = requestOf(context)
  if (input.volume === undefined) return hypervisor.removeVolume(vmId, volume)
  try {
    await hypervisor.keepVolume(vmId, volume, input.volume)
  } catch (error) {
    // It never was there.
    if (!(error instanceof AppError) || error.reason !== 'DISK_FILE_MISSING') throw error
  }
}

async function detach(context: Context): Promise<void> {
  const { vm, hypervisor } = context
  if (await hypervisor.detachDisk({ ...requestOf(context), spec: vm.spec })) return
  throw new AppError('unavailable', 'The guest has not let go of the disk yet.', { reason: 'GUEST_KEEPS_DEVICE' })
}
