import { askGuest, type GuestTime, guestTime } from './ask-guest.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { failedTo, observedVm } from './observed-vm.ts'
import { requireSoundDisks } from './sound-disks.ts'

type Context = StepContext<'vm.stop'>

/**
 * Switches a VM off. Without `force` the guest is asked first, and has its time; then the power is taken away, as
 * `docker stop`, Nova and Kubernetes do.
 */
export const vmStop: OperationDefinition<'vm.stop'> = {
  steps: [
    { name: 'check-disks', run: checkDisks },
    { name: 'shut-down', waits: true, run: shutDown },
    { name: 'power-off', run: powerOff },
  ],
  succeeded: ({ vm, input, outputs }, observed) => {
    const { outcome } = outputs['shut-down'] as ShutDown
    return { vm: observedVm(observed, vm, messages[outcome](input)) }
  },
  failed: ({ vm }, error, observed) => ({ vm: failedTo('stop', error, observed, vm) }),
}

interface ShutDown {
  outcome: 'down' | 'forced' | 'timed-out' | 'paused'
}

const messages: Record<ShutDown['outcome'], (input: Context['input']) => string> = {
  down: () => '',
  forced: () => '',
  'timed-out': ({ timeoutSeconds }) =>
    `The guest did not shut down within ${timeoutSeconds} s, so its power was taken away.`,
  paused: () => 'The guest was paused and could not shut down, so its power was taken away.',
}

async function checkDisks(context: Context): Promise<GuestTime> {
  await requireSoundDisks(context)
  return guestTime(context.input)
}

async function shutDown({ vm, input, hypervisor, outputs, signal }: Context): Promise<ShutDown> {
  if (input.force) return { outcome: 'forced' }
  const observed = await hypervisor.observeVm(vm.id)
  if (!observed || observed.state === 'STOPPED') return { outcome: 'down' }
  // It would hear nothing before somebody resumes it, which nobody can while it is being stopped.
  if (observed.state === 'PAUSED') return { outcome: 'paused' }
  const { deadline } = outputs['check-disks'] as GuestTime
  const isDown = await askGuest({
    vmId: vm.id,
    hypervisor,
    deadline,
    signal,
    ask: () => hypervisor.requestShutdown(vm.id),
    isDone: async () => !(await isOn({ vm, hypervisor })),
  })
  return { outcome: isDown ? 'down' : 'timed-out' }
}

async function powerOff(context: Context): Promise<void> {
  const { vm, hypervisor } = context
  if (!(await isOn(context))) return
  await requireSoundDisks(context)
  await hypervisor.destroyVm(vm.id)
}

async function isOn({ vm, hypervisor }: Pick<Context, 'vm' | 'hypervisor'>): Promise<boolean> {
  const observed = await hypervisor.observeVm(vm.id)
  return observed !== null && observed.state !== 'STOPPED'
}
