import { homedir } from 'node:os'
import { join } from 'node:path'
import { LibvirtConnectionError } from './errors.ts'

export interface LibvirtAddress {
  /** Where a daemon may listen, in the order to try. */
  socketPaths: string[]
  /** What the daemon is asked to open: the URI without its transport. */
  name: string
}

/**
 * Understands `qemu:///system`, `qemu:///session`, `test:///default`, and each with `+unix` and `?socket=PATH`
 * (https://libvirt.org/uri.html). `runtimeDirectory` is $XDG_RUNTIME_DIR, for session daemons; ~/.cache when left out.
 */
export function parseUri(uri: string, runtimeDirectory?: string): LibvirtAddress {
  const match = /^([a-z]+)(?:\+(unix))?:\/\/(\/\w+)(?:\?(.*))?$/.exec(uri)
  const [, driver = '', transport, path = '', query] = match ?? []
  const socket = new URLSearchParams(query).get('socket')
  if (!match || (socket !== null && transport === undefined)) {
    throw new LibvirtConnectionError('unreachable', `not a libvirt URI of this machine: ${uri}`, {
      maybeExecuted: false,
    })
  }
  const name = `${driver}://${path}`
  if (socket !== null) return { name, socketPaths: [socket] }
  const directory =
    path === '/session' ? join(runtimeDirectory ?? join(homedir(), '.cache'), 'libvirt') : '/run/libvirt'
  // Where the daemons are split up, QEMU has its own.
  const files = driver === 'qemu' ? ['libvirt-sock', 'virtqemud-sock'] : ['libvirt-sock']
  return { name, socketPaths: files.map((file) => join(directory, file)) }
}
