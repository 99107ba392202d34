import { withoutNic } from '#db/spec-devices.ts'
import { type GuestTime, guestTime } from './ask-guest.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { deviceChanged, untilLetGo } from './device-change.ts'
import { failedTo } from './observed-vm.ts'

type Context = StepContext<'nic.detach'>

/** Takes a network card from a VM, when its guest has let go. */
export const nicDetach: OperationDefinition<'nic.detach'> = {
  steps: [
    { name: 'begin', run: async ({ input }) => guestTime(input) },
    { name: 'unplug', waits: true, run: unplug, undo: plugAgain },
  ],
  succeeded: (context, observed) => deviceChanged(context.vm, observed, specAfter(context)),
  failed: ({ vm, input }, error, observed) => ({ vm: failedTo(`detach card ${input.mac}`, error, observed, vm) }),
}

const specAfter = ({ vm, input }: Context) => withoutNic(vm.spec, input.mac)

function unplug(context: Context): Promise<void> {
  const { vm, input, outputs, signal, hypervisor } = context
  const { mac } = input
  const { deadline } = outputs.begin as GuestTime
  const request = { vmId: vm.id, mac, spec: specAfter(context) }
  return untilLetGo({ device: `network card ${mac}`, deadline, signal, unplug: () => hypervisor.detachNic(request) })
}

/** The guest may have let go after all. */
function plugAgain({ vm, input, hypervisor }: Context): Promise<void> {
  return hypervisor.attachNic({ vmId: vm.id, mac: input.mac, spec: vm.spec })
}
