import type { AgentCalls } from '#worker/hypervisor/agent-calls.ts'
import type { VmEvents } from '../events.ts'
import type { Log } from '../options.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { holdFiles } from './hold-files.ts'
import { createHolds, type Holds } from './holds.ts'
import { postThawTimeoutSeconds, runScripts } from './scripts.ts'
import type { ThawLine } from './thaw-line.ts'

interface Deps {
  connection: LibvirtConnection
  thawLine: ThawLine
  stateDirectory: string
  events: Pick<VmEvents, 'listen'>
  execute: AgentCalls['executeInGuest']
  log: Log
}

/** Goes on with the holds that a worker before left. One ends with its guest's run. */
export async function openHolds({ stateDirectory, events, execute, ...deps }: Deps): Promise<Holds> {
  const holds = createHolds({
    ...deps,
    files: holdFiles(stateDirectory),
    runPostThaw: (vmId) => runScripts(execute, vmId, 'after', postThawTimeoutSeconds, new AbortController().signal),
  })
  events.listen(({ vmId, state, rebooted }) => {
    if (rebooted || state === 'STOPPED') void holds.release(vmId)
  })
  await holds.resume()
  return holds
}
