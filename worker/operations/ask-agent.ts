import { AppError } from '#db/errors.ts'
import type { GuestAnswer, GuestCall, GuestRequest } from '#db/guest-call.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'

type Ask<K extends GuestCall> = (
  hypervisor: Hypervisor,
  vmId: string,
  request: GuestRequest<K>,
  signal: AbortSignal,
) => Promise<GuestAnswer<K>>

/** How the hypervisor is asked for each call, and what it answers, as JSON. */
export const askAgent: { [K in GuestCall]: Ask<K> } = {
  async 'agent.ping'(hypervisor, vmId, _, signal) {
    try {
      return { connected: true, ...(await hypervisor.pingAgent(vmId, signal)), message: '' }
    } catch (error) {
      if (!isAgentSilent(error)) throw error
      return { connected: false, version: null, uptimeSeconds: null, message: error.message }
    }
  },
  async 'agent.exec'(hypervisor, vmId, { stdin, ...program }, signal) {
    const given = stdin === '' ? null : Buffer.from(stdin, 'base64')
    const { stdout, stderr, ...ended } = await hypervisor.executeInGuest({ vmId, stdin: given, ...program }, signal)
    return { ...ended, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() }
  },
  async 'agent.read-file'(hypervisor, vmId, place, signal) {
    const { data, ...part } = await hypervisor.readGuestFile({ vmId, ...place }, signal)
    return { data: Buffer.from(data).toString('base64'), ...part }
  },
  async 'agent.write-file'(hypervisor, vmId, { data, ...file }, signal) {
    const content = { vmId, ...file, data: Buffer.from(data, 'base64') }
    return { sizeBytes: await hypervisor.writeGuestFile(content, signal) }
  },
  'agent.sync-time': (hypervisor, vmId, { force }, signal) => hypervisor.syncTime({ vmId, force }, signal),
  async 'agent.shutdown'(hypervisor, vmId, { reboot }, signal) {
    await hypervisor.shutdownByAgent({ vmId, reboot }, signal)
    return { accepted: true }
  },
  async 'agent.quiesce'(hypervisor, vmId, request, signal) {
    const { fileSystems, ...frozen } = await hypervisor.quiesceFilesystems({ vmId, ...request }, signal)
    return { ...frozen, fileSystems: [...fileSystems] }
  },
  async 'agent.thaw'(hypervisor, vmId, request, signal) {
    const { mountPoints, ...thawed } = await hypervisor.thawFilesystems({ vmId, ...request }, signal)
    return { ...thawed, mountPoints: [...mountPoints] }
  },
}

/** What a ping is to find out, and no failure of its own. */
export const isAgentSilent = (error: unknown): error is AppError =>
  error instanceof AppError &&
  (error.reason === 'GUEST_AGENT_NOT_CONNECTED' || error.reason === 'GUEST_AGENT_NOT_RESPONDING')
