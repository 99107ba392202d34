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
