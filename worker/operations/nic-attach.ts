import { AppError } from '#db/errors.ts'
import { withNic } from '#db/spec-devices.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { deviceChanged } from './device-change.ts'
import { failedTo } from './observed-vm.ts'

type Context = StepContext<'nic.attach'>

/** Gives a VM one more network card. */
export const nicAttach: OperationDefinition<'nic.attach'> = {
  steps: [{ name: 'attach', run: attach, undo: detach }],
  succeeded: (context, observed) => deviceChanged(context.vm, observed, specAfter(context)),
  failed: ({ vm, input }, error, observed) => ({ vm: failedTo(`attach card ${input.nic.mac}`, error, observed, vm) }),
}

const specAfter = ({ vm, input }: Context) => withNic(vm.spec, input.nic)

function attach(context: Context): Promise<void> {
  const { vm, input, hypervisor } = context
  return hypervisor.attachNic({ vmId: vm.id, mac: input.nic.mac, spec: specAfter(context) })
}

async function detach({ vm, input, hypervisor }: Context): Promise<void> {
  if (await hypervisor.detachNic({ vmId: vm.id, mac: input.nic.mac, spec: vm.spec })) return
  throw new AppError('unavailable', 'The guest has not let go of the card yet.', { reason: 'GUEST_KEEPS_DEVICE' })
}
