import { readFileSync } from 'node:fs'
import os from 'node:os'

/** The address of this machine that others reach; empty where it has none. */
export function managementAddress(): string {
  let routes = ''
  try {
    routes = readFileSync('/proc/net/route', 'utf8')
  } catch {
    // No Linux: the first address will do.
  }
  return addressForOthers(os.networkInterfaces(), routes)
}

/**
 * The IPv4 address of the interface that the default route leads through, else the first that is not the loopback's: a
 * node has bridges for its guests too, whose addresses nobody else reaches. `routes` is as in /proc/net/route.
 */
export function addressForOthers(interfaces: NodeJS.Dict<os.NetworkInterfaceInfo[]>, routes: string): string {
  const defaults = routes
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .toSorted(([, , , , , , one], [, , , , , , other]) => Number(one) - Number(other))
    .map(([name]) => name)
  const [first] = [...defaults.map((name) => interfaces[name ?? '']), ...Object.values(interfaces)]
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
  return first?.address ?? ''
}
