import { connect, type Socket } from 'node:net'
import type { Channel } from './channel.ts'
import { LibvirtConnectionError } from './errors.ts'
import { AuthType, remote } from './protocol.gen.ts'

/** VIR_DRV_FEATURE_PROGRAM_KEEPALIVE of libvirt's src/libvirt_internal.h: asking for it makes the daemon ping us, too. */
const keepaliveFeature = 10

/** Authenticates and opens the driver. A daemon that has just started may take seconds to look at its QEMUs. */
export async function openDriver(channel: Channel, name: string, timeoutMs: number): Promise<void> {
  const { types } = await channel.call(remote.authList, {}, timeoutMs)
  await authenticate(channel, types, timeoutMs)
  await channel.call(remote.connectOpen, { name, flags: 0 }, timeoutMs)
  await channel.call(remote.connectSupportsFeature, { feature: keepaliveFeature }, timeoutMs)
}

async function authenticate(channel: Channel, types: number[], timeoutMs: number): Promise<void> {
  if (types.length === 0 || types.includes(AuthType.NONE)) return
  if (!types.includes(AuthType.POLKIT)) {
    const message = `libvirt wants an authentication that is not spoken here: ${types}`
    throw new LibvirtConnectionError('unreachable', message, { maybeExecuted: false })
  }
  await channel.call(remote.authPolkit, {}, timeoutMs)
}

/** Connects to the first socket where a daemon listens. */
export async function dial(socketPaths: string[]): Promise<Socket> {
  const failures: Error[] = []
  for (const path of socketPaths) {
    try {
      return await dialOne(path)
    } catch (error) {
      failures.push(error as Error)
    }
  }
  const message = `no libvirt daemon listens: ${failures.map((failure) => failure.message).join('; ')}`
  throw new LibvirtConnectionError('unreachable', message, { maybeExecuted: false, cause: failures[0] })
}

function dialOne(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
