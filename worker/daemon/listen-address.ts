import { AppError } from '#db/errors.ts'
import type { ListenAddress } from './server.ts'

/** Reads `127.0.0.1:9090` or `[::1]:9090`. Throws `invalid_argument`. */
export function readListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
  throw new AppError('invalid_argument', `--listen ${text} must be an address and a port, like 127.0.0.1:9090`)
}
