import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { AppError } from '#db/errors.ts'

/**
 * Where a URL may not lead: addresses that are not of the public internet (IANA's special-purpose registries, RFC 6890).
 * What stands for an IPv4 address in IPv6 is refused whole (NAT64, 6to4), or counts as that address (mapped).
 */
const notPublic = addressList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
])

/** Of networks (`10.0.0.0/8`) and addresses. Throws for what is neither. */
export function addressList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/', 2)
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (type === 'ipv6' ? 128 : 32) : Number(bits), type)
  }
  return list
}

/** Whether a URL may lead to an IP address; `allowed` are exceptions. */
export function mayReach(address: string, allowed: BlockList): boolean {
  const type = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  return !notPublic.check(address, type) || allowed.check(address, type)
}

/** Throws `failed_precondition` for a host that is itself an address that a URL may not lead to. */
export function requireReachable(host: string, allowed: BlockList): void {
  const address = host.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0 && !mayReach(address, allowed)) throw addressRefused(host, address)
}

/**
 * The name's addresses that a URL may lead to. What is connected to is what was judged, so a name that has another address
 * a moment later gains nothing by it.
 */
export const lookupAllowed =
  (allowed: BlockList): LookupFunction =>
  (host, options, answer) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return answer(error, [])
      const good = found.filter(({ address }) => mayReach(address, allowed))
      const [first] = good
      if (!first) return answer(addressRefused(host, found[0]?.address ?? ''), [])
      if (options.all) answer(null, good)
      else answer(null, first.address, first.family)
    })
  }

const addressRefused = (host: string, address: string): AppError =>
  new AppError(
    'failed_precondition',
    `Images are not fetched from ${host === address ? address : `${host} (${address})`}: it is not a public address. Whoever runs the node can allow it (QUANTIX_IMAGE_URL_ALLOW).`,
    { reason: 'IMAGE_URL_ADDRESS_REFUSED', details: { host, address } },
  )
