import type { TimeSync, TimeSynced } from '#worker/hypervisor/agent-calls.ts'
import { readOffset, setClock } from '../guest-clock.ts'
import type { GuestAgent } from './guest.ts'

/** Nearer than this nobody sets a clock who is not told to. */
const toleranceSeconds = 1
/** Each of the three calls has two. */
const withinSeconds = 6

/** Sets the guest's clock to the node's, where it is off. */
export const syncTime = (
  agent: GuestAgent,
  { force }: Omit<TimeSync, 'vmId'>,
  signal: AbortSignal,
): Promise<TimeSynced> => {
  const { dom, line } = agent
  const sync = async (connection: Parameters<typeof readOffset>[0]): Promise<TimeSynced> => {
    const offsetBeforeSeconds = await readOffset(connection, dom)
    if (isNear(offsetBeforeSeconds) && !force) {
      return { offsetBeforeSeconds, offsetAfterSeconds: offsetBeforeSeconds, source: 'node' }
    }
    // Linux' agent sets the system's clock before that of the hardware, and fails where it cannot set both.
    const failure: unknown = await setClock(connection, dom).then(
      () => null,
      (error) => error,
    )
    const offsetAfterSeconds = await readOffset(connection, dom)
    if (failure !== null && !isNear(offsetAfterSeconds)) throw failure
    return { offsetBeforeSeconds, offsetAfterSeconds, source: 'node' }
  }
  return line.call(dom, sync, withinSeconds, signal)
}

const isNear = (offsetSeconds: number): boolean => Math.abs(offsetSeconds) < toleranceSeconds
