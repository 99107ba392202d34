import { AppError } from '#db/errors.ts'
import { cpuModeTitles } from '#db/vm-spec.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { ensureSeed } from './seed.ts'

type Context = StepContext<'vm.create'>

/** Makes the disks and the definition. The VM is stopped then; it never ran. */
export const vmCreate: OperationDefinition<'vm.create'> = {
  steps: [
    {
      name: 'create-disks',
      run: async (context) => {
        await checkCpuMode(context)
        await createDisks(context)
        await ensureSeed(context)
      },
      undo: ({ vm, hypervisor }) => hypervisor.deleteVmFiles(vm.id),
    },
    {
      name: 'define',
      run: define,
      undo: ({ vm, hypervisor }) => hypervisor.undefineVm(vm.id),
    },
  ],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: (_, { message }) => ({ vm: { state: 'FAILED', message: `Failed to create: ${message}` } }),
}

async function checkCpuMode({ vm: { spec }, hypervisor }: Context): Promise<void> {
  const modes = await hypervisor.probeCpuModes()
  const found = modes.find(({ mode }) => mode === spec.cpuMode)
  if (found?.supported) return
  const why = found?.message ?? 'it was not found among the modes that run here'
  throw new AppError(
    'failed_precondition',
    `This node cannot run CPU mode ${spec.cpuMode} (${cpuModeTitles[spec.cpuMode]}): ${why}`,
    { reason: 'CPU_MODE_NOT_SUPPORTED', details: { cpuMode: spec.cpuMode } },
  )
}

/** A VM that was renamed has its old name on the node, and a domain that others made may have any. */
async function define({ vm, secrets, hypervisor }: Context): Promise<void> {
  const { id: vmId, name, description, spec, tscFrequencyHz } = vm
  const displayPassword = spec.display.passwordSet ? await secrets.read('display.password') : null
  const definition = { vmId, name, description, spec, tscFrequencyHz, displayPassword }
  try {
    await hypervisor.defineVm(definition)
  } catch (error) {
    if (!(error instanceof AppError && error.reason === 'NAME_TAKEN')) throw error
    await hypervisor.defineVm({ ...definition, name: `${name}-${vmId.slice(-12)}` })
  }
}

async function createDisks({ vm, hypervisor }: Context): Promise<void> {
  for (const { target, sizeGib, baseImage } of vm.spec.disks) {
    await hypervisor.createDisk({ vmId: vm.id, target, sizeGib, baseImage })
  }
}
