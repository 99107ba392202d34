import { randomUUID } from 'node:crypto'
import { AppError } from '#db/errors.ts'
import { keptVolume } from '#worker/hypervisor/storage-names.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { failedTo } from './observed-vm.ts'
import { requireSoundDisks } from './sound-disks.ts'

type Context = StepContext<'vm.delete'>

/**
 * Removes a VM: its power if need be, its definition, its files, and at last its row. What is removed cannot be undone.
 * Disks that are kept have got their new names before the definition goes, which alone knows which files they are.
 * What others made of an adopted VM stays where it is: the files of its disks, its UEFI variables, its TPM.
 */
export const vmDelete: OperationDefinition<'vm.delete'> = {
  steps: [
    { name: 'power-off', run: powerOff },
    { name: 'name-volumes', run: nameVolumes },
    {
      name: 'undefine',
      run: ({ vm, hypervisor }) => hypervisor.undefineVm(vm.id, { keepState: vm.unmanaged !== null }),
    },
    { name: 'delete-files', run: deleteFiles },
  ],
  succeeded: () => ({ vm: 'delete' }),
  result: (context) => {
    const { input, vm } = context
    const volumes = namedVolumes(context).map(({ target, volume }) => ({ target, volume }))
    const result = {
      ...(!input.deleteDisks && { volumes }),
      ...(vm.unmanaged && { unmanagedDisks: vm.unmanaged.disks }),
    }
    return Object.keys(result).length > 0 ? result : null
  },
  failed: (context, { message }, observed) => ({
    vm: failedTo('delete', { message: message + keptSoFar(context) }, observed, context.vm),
  }),
}

interface NamedVolume {
  target: string
  /** Its name as long as it is the VM's. */
  file: string
  volume: string
}

async function powerOff(context: Context): Promise<void> {
  const { vm, input, hypervisor } = context
  const observed = await hypervisor.observeVm(vm.id)
  if (!observed || observed.state === 'STOPPED') return
  if (!input.force) {
    throw new AppError('failed_precondition', 'The VM runs; stop it first, or delete it with force', {
      reason: 'VM_IS_RUNNING',
    })
  }
  // What QEMU writes to a file that no definition names would be lost.
  if (!input.deleteDisks) await requireSoundDisks(context)
  await hypervisor.destroyVm(vm.id)
}

async function nameVolumes({ vm, input, hypervisor }: Context): Promise<NamedVolume[]> {
  if (input.deleteDisks) return []
  // Without snapshots each disk is one file then. Beside disks that others made there never were any.
  const mayHaveHadSnapshots = !vm.unmanaged || vm.unmanaged.disks.length === 0
  if (mayHaveHadSnapshots && (await hypervisor.observeVm(vm.id)))
    await hypervisor.reclaimFiles({ vmId: vm.id, keep: [] })
  const disks = await hypervisor.findDisks(vm.id)
  return disks.map(({ target, volume }) => ({ target, file: volume, volume: keptVolume(randomUUID()) }))
}

async function deleteFiles(context: Context): Promise<void> {
  const { vm, hypervisor } = context
  for (const { file, volume } of namedVolumes(context)) await hypervisor.keepVolume(vm.id, file, volume)
  await hypervisor.deleteVmFiles(vm.id)
}

const namedVolumes = ({ outputs }: Context): NamedVolume[] =>
  (outputs['name-volumes'] as NamedVolume[] | undefined) ?? []

function keptSoFar(context: Context): string {
  const volumes = namedVolumes(context)
  if (volumes.length === 0) return ''
  return ` Its disks are on the node as ${volumes.map(({ file, volume }) => `${file} or ${volume}`).join(', ')}.`
}
