import type { MethodName } from './calls.ts'
import type { implementedCalls, implementedStreams } from './service.ts'

type Implemented = keyof ReturnType<typeof implementedCalls> | keyof ReturnType<typeof implementedStreams>

/** What the methods say that are promised and not there. One that is missing here, or is there by now, does not compile. */
export const notYet: Record<Exclude<MethodName, Implemented>, string> = {
  GetConsole: 'The node daemon opens no displays yet. They listen on the loopback address of the node.',
  GetVMLogs: 'The node daemon shows no logs yet. They are on the node, where libvirt keeps them.',
  ListImages: 'The node daemon does not list its images yet.',
}
