import { AppError } from '#db/errors.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { type Domain, qemu } from './rpc/protocol.gen.ts'

/** libvirt waits this long for another call to the same agent, and for the agent to listen, before the command's own time begins. */
const beforeCommandSeconds = 40
const msPerSecond = 1000
/**
 * libvirt 9.0 writes a command to the guest's channel at once or, where the socket does not take it whole, maybe never:
 * of 175 KB each got through, of 350 KB not.
 */
const commandBytesMax = 131_072

/**
 * One command to a guest's agent (https://www.qemu.org/docs/master/interop/qemu-ga-ref.html). The answer is what the
 * guest likes to say: it is unknown until it is looked at. Throws LibvirtError where the agent refuses or does not answer
 * within the time; it may still do then what it was asked for. Throws `resource_exhausted` for a command that is too long.
 */
export async function askAgent(
  connection: LibvirtConnection,
  dom: Domain,
  execute: string,
  timeoutSeconds: number,
  args?: object,
): Promise<unknown> {
  const cmd = JSON.stringify({ execute, ...(args && { arguments: args }) })
  if (Buffer.byteLength(cmd) > commandBytesMax) {
    throw new AppError('resource_exhausted', `A guest agent takes no command over ${commandBytesMax} bytes.`, {
      reason: 'GUEST_COMMAND_TOO_LONG',
    })
  }
  const { result } = await connection.call(
    qemu.domainAgentCommand,
    { dom, cmd, timeout: timeoutSeconds, flags: 0 },
    { timeoutMs: (timeoutSeconds + beforeCommandSeconds) * msPerSecond },
  )
  return (JSON.parse(result ?? '{}') as { return?: unknown }).return
}
