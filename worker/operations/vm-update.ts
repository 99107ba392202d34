import { AppError } from '#db/errors.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { failedTo, observedVm } from './observed-vm.ts'

type Context = StepContext<'vm.update'>

/** Brings a changed spec to the VM's node, for the next start. What the node refuses is not changed. */
export const vmUpdate: OperationDefinition<'vm.update'> = {
  steps: [
    { name: 'define', run: define, undo: defineAsBefore },
    { name: 'hotplug', waits: true, run: hotplug },
    { name: 'forget-secrets', run: forgetSecrets },
  ],
  succeeded: ({ vm, outputs }, observed) => {
    const { refused } = outputs.hotplug as HotplugOutput
    const message = refused === null ? '' : `It has its changed spec after its next start: ${refused}`
    return { vm: { ...observedVm(observed, vm, message), changedFrom: null } }
  },
  failed: ({ vm }, error, observed) => ({
    vm: { ...failedTo('change the spec', error, observed, vm), ...vm.changedFrom, changedFrom: null },
  }),
}

async function define(context: Context): Promise<void> {
  const [before, after] = change(context)
  const { displayPassword } = context.input
  // A definition loses its password where there was one before, whichever, and is none after.
  const from = displayPassword === 'removed' ? { ...before, displayPassword: 'any' } : before
  await context.hypervisor.changeSpec(from, { ...after, displayPassword: await newPassword(context) })
}

/** A password that took the place of another one stays: the other one is nowhere any more. */
async function defineAsBefore(context: Context): Promise<void> {
  const { input, secrets, hypervisor } = context
  const [before, after] = change(context)
  const wasAdded = input.displayPassword === 'set' && !before.spec.display.passwordSet
  const removed = input.displayPassword === 'removed' ? await secrets.read('display.password') : null
  const from = wasAdded ? { ...after, displayPassword: 'any' } : after
  await hypervisor.changeSpec(from, { ...before, displayPassword: removed })
}

const newPassword = async ({ input, secrets }: Context): Promise<string | null> =>
  input.displayPassword === 'set' ? secrets.read('display.password') : null

async function forgetSecrets({ input, secrets }: Context): Promise<void> {
  if (input.displayPassword === 'removed') await secrets.remove('display.password')
}

interface HotplugOutput {
  /** For people: why what could have been given at once was not. */
  refused: string | null
}

/** What cannot be given at once waits for the next start; that is no failure. */
async function hotplug(context: Context): Promise<HotplugOutput> {
  const [, after] = change(context)
  try {
    await context.hypervisor.hotplugVm({ ...after, displayPassword: await newPassword(context) })
    return { refused: null }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable') throw error
    return { refused: error.message }
  }
}

/** The VM before and after. */
function change({ vm }: Context): [VmDefinition, VmDefinition] {
  const { id: vmId, name, description, spec, tscFrequencyHz, unmanaged } = vm
  const after = {
    vmId,
    name,
    description,
    spec,
    tscFrequencyHz,
    keepsText: unmanaged !== null,
    // None before and after: the definition keeps the one that it has.
    displayPassword: null,
  }
  return [{ ...after, ...vm.changedFrom }, after]
}
