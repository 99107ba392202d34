import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { requireSoundDisks } from './sound-disks.ts'

type Context = StepContext<'vm.stop'>

/** An event says at once that the guest is down; this is for an event that was lost. */
const observeEveryMs = 1000

/**
 * Switches a VM off. Without `force` the guest is asked first, and has its time; then the power is taken away, as
 * `docker stop`, Nova and Kubernetes do.
 */
export const vmStop: OperationDefinition<'vm.stop'> = {
  steps: [
    { name: 'request-shutdown', run: requestShutdown },
    { name: 'await-shutdown', waits: true, run: awaitShutdown },
    { name: 'power-off', run: powerOff },
  ],
  succeeded: ({ vm, input, outputs }, observed) => {
    const { timedOut } = outputs['await-shutdown'] as Wait
    return { vm: observedVm(observed, vm, timedOut ? timedOutMessage(input) : '') }
  },
  failed: ({ vm }, { message }, observed) => ({ vm: observedVm(observed, vm, `Failed to stop: ${message}`) }),
}

/** The deadline is written down, so that a worker that takes over keeps it. */
interface Request {
  deadline: string
}

interface Wait {
  timedOut: boolean
}

async function requestShutdown(context: Context): Promise<Request> {
  const { vm, input, hypervisor } = context
  await requireSoundDisks(context)
  const deadline = new Date(Date.now() + input.timeoutSeconds * 1000).toISOString()
  if (!input.force && (await isOn({ vm, hypervisor }))) await hypervisor.requestShutdown(vm.id)
  return { deadline }
}

async function awaitShutdown({ vm, input, hypervisor, outputs, signal }: Context): Promise<Wait> {
  if (input.force) return { timedOut: false }
  const { deadline } = outputs['request-shutdown'] as Request
  const stopped = new AbortController()
  const stopListening = hypervisor.onVmEvent((event) => {
    if (event.vmId === vm.id && event.state === 'STOPPED') stopped.abort()
  })
  const woken = AbortSignal.any([stopped.signal, signal])
  try {
    while (!stopped.signal.aborted && (await isOn({ vm, hypervisor }))) {
      if (signal.aborted) throw new AppError('unavailable', 'The worker stops', { reason: 'WORKER_STOPPING' })
      const leftMs = Date.parse(deadline) - Date.now()
      if (leftMs <= 0) return { timedOut: true }
      await delay(Math.min(leftMs, observeEveryMs), undefined, { signal: woken }).catch(() => {})
    }
    return { timedOut: false }
  } finally {
    stopListening()
  }
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

const timedOutMessage = ({ timeoutSeconds }: Context['input']): string =>
  `The guest did not shut down within ${timeoutSeconds} s, so its power was taken away.`
