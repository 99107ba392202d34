import os from 'node:os'
import type { ListenAddress } from './server.ts'

/**
 * Where the control plane reaches a daemon that listens there, as `host:port`; one that listens everywhere by the node's
 * management address, and null where it has none.
 */
export function advertisedAddress({ host, port }: ListenAddress, managementAddress: string): string | null {
  const reached = host === '0.0.0.0' || host === '::' ? managementAddress : host
  if (reached === '') return null
  return reached.includes(':') ? `[${reached}]:${port}` : `${reached}:${port}`
}

/** The first address of this machine that others reach; empty where it has none. */
export const managementAddress = (): string =>
  Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? ''
