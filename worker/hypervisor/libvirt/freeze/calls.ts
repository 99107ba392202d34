import type { AgentCalls } from '#worker/hypervisor/agent-calls.ts'
import { requireDomain } from '../domain.ts'
import type { Guard } from '../guard.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { type QuiesceDeps, quiesceFilesystems, thawFilesystems } from './quiesce.ts'

/** The calls that freeze and thaw a guest. A freeze has the VM alone; a thaw waits for nobody. */
export const quiesceCalls = (
  deps: QuiesceDeps & { connection: LibvirtConnection },
  { ofVm, alone }: { ofVm<T>(vmId: string, work: Promise<T>): Promise<T>; alone: Guard },
): Pick<AgentCalls, 'quiesceFilesystems' | 'thawFilesystems'> => ({
  quiesceFilesystems: (request, signal) => alone(request.vmId, () => quiesceFilesystems(deps, request, signal)),
  thawFilesystems: (request) =>
    ofVm(
      request.vmId,
      requireDomain(deps.connection, request.vmId).then(() => thawFilesystems(deps.holds, request)),
    ),
})
