import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { Unsupported } from './define.ts'

/** The calls of the port that can be cut off. */
export type SimulatedCalls = Omit<Hypervisor, 'kind' | 'onVmEvent' | 'onEventsLost' | 'close'>
export type SimulatedCall = keyof SimulatedCalls

export interface SimulatedOptions {
  /** Where the node's state outlives this process; undefined keeps it in memory. */
  file?: string
  /** Base images and ISOs; without it there are none. */
  imagesDirectory?: string
  unsupported?: Unsupported
  /** How long a guest takes to shut down. */
  shutdownMs?: number
  /** Of the node's time stamp counter. */
  tscFrequencyHz?: number
  /** Of the worker's pool, and of each storage pool. */
  storageFreeBytes?: number
  /** Below them are pools that are directories; without it, anywhere. */
  poolDirectories?: readonly string[]
  /** Called around every call; what it throws, the caller gets. After `after`, the call has had its effect all the same. */
  onCall?(call: SimulatedCall, moment: 'before' | 'after', vmId: string | undefined): void
}
