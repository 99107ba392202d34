import type { LibvirtConnection } from './rpc/connection.ts'
import { type Domain, qemu } from './rpc/protocol.gen.ts'

/** libvirt waits this long for another call to the same agent, and for the agent to listen, before the command's own time begins. */
const beforeCommandSeconds = 40
const msPerSecond = 1000

/**
 * One command to a guest's agent (https://www.qemu.org/docs/master/interop/qemu-ga-ref.html). The answer is what the
 * guest likes to say: it is unknown until it is looked at. Throws LibvirtError where the agent refuses or does not answer
 * within the time; it may still do then what it was asked for.
 */
export async function askAgent(
  connection: LibvirtConnection,
  dom: Domain,
  execute: string,
  timeoutSeconds: number,
  args?: object,
): Promise<unknown> {
  const { result } = await connection.call(
    qemu.domainAgentCommand,
    { dom, cmd: JSON.stringify({ execute, arguments: args }), timeout: timeoutSeconds, flags: 0 },
    { timeoutMs: (timeoutSeconds + beforeCommandSeconds) * msPerSecond },
  )
  return (JSON.parse(result ?? '{}') as { return?: unknown }).return
}
