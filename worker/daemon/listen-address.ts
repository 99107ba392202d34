import { isIP } from 'node:net'
import { AppError } from '#db/errors.ts'
import type { ListenAddress } from './server.ts'

/** Reads `127.0.0.1:9090` or `[::1]:9090`. Throws `invalid_argument`. */
export function readListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
  throw new AppError('invalid_argument', `--listen ${text} must be an address and a port, like 127.0.0.1:9090`)
}

/** Throws `failed_precondition` for an address that others reach: without TLS whoever calls there is obeyed. */
export function requireLoopback({ host, port }: ListenAddress): void {
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return
  throw new AppError(
    'failed_precondition',
    `--listen ${host}:${port} is open to other machines, and without TLS whoever reaches it rules this node. Set QUANTIX_NODE_TLS_DIR to the directory that npm run quantix -- certificates issue-node made for it, listen on 127.0.0.1, or say --insecure if this network is yours alone`,
    { reason: 'INSECURE_LISTEN_ADDRESS' },
  )
}
