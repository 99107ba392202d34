import type { AgentCalls } from '#worker/hypervisor/agent-calls.ts'
import { executeInGuest } from './execute.ts'
import { type AgentDeps, type GuestAgent, requireAgent } from './guest.ts'
import { pingAgent } from './ping.ts'
import { readGuestFile } from './read-file.ts'
import { shutdownByAgent } from './shutdown.ts'
import { syncTime } from './sync-time.ts'
import { writeGuestFile } from './write-file.ts'

/** What a guest's agent does for us, but for freezing. `ofVm` words errors as the VM's. */
export function agentCalls(deps: AgentDeps, ofVm: <T>(vmId: string, work: Promise<T>) => Promise<T>) {
  const withAgent = <T>(vmId: string, work: (agent: GuestAgent) => Promise<T>) =>
    ofVm(vmId, requireAgent(deps, vmId).then(work))
  return {
    pingAgent: (vmId, signal) => withAgent(vmId, (agent) => pingAgent(agent, signal)),
    executeInGuest: (request, signal) => withAgent(request.vmId, (agent) => executeInGuest(agent, request, signal)),
    readGuestFile: (request, signal) => withAgent(request.vmId, (agent) => readGuestFile(agent, request, signal)),
    writeGuestFile: (request, signal) => withAgent(request.vmId, (agent) => writeGuestFile(agent, request, signal)),
    shutdownByAgent: (request, signal) => withAgent(request.vmId, (agent) => shutdownByAgent(agent, request, signal)),
    syncTime: (request, signal) => withAgent(request.vmId, (agent) => syncTime(agent, request, signal)),
  } satisfies Partial<AgentCalls>
}
