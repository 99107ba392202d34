import type { GuestReading } from '#worker/hypervisor/port.ts'
import { upToBytesMax } from './agent/guest-answers.ts'
import { readGuestInfo } from './agent/guest-info.ts'
import type { AgentLine } from './agent/line.ts'
import { findDomain } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainInterfaceAddressesSource } from './rpc/constants.gen.ts'
import { isLibvirtError } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'
import type { Runs } from './runs.ts'

interface Deps {
  connection: LibvirtConnection
  runs: Runs
  line: AgentLine
}

/** What runs in a VM, by its guest agent and by what its node knows; null where it does not run. */
export async function readGuest(deps: Deps, vmId: string, signal: AbortSignal): Promise<GuestReading | null> {
  const { connection, runs, line } = deps
  const dom = await findDomain(connection, vmId)
  if (!dom || dom.id < 0) return null
  const { runId, guestAgentConnected } = await runs.known(dom)
  const agent = guestAgentConnected ? await readGuestInfo(line, dom, signal) : null
  const told = agent?.interfaces.flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6]).filter(isForOthers) ?? []
  const ipAddresses = told.length > 0 ? told : await addressesOnNode(connection, dom)
  return { runId, report: { agent, ipAddresses } }
}

/** What libvirt's networks have leased to it, else what the node's kernel knows of its neighbours. */
async function addressesOnNode(connection: LibvirtConnection, dom: Domain): Promise<string[]> {
  for (const source of [DomainInterfaceAddressesSource.LEASE, DomainInterfaceAddressesSource.ARP]) {
    try {
      const { ifaces } = await connection.call(remote.domainInterfaceAddresses, { dom, source, flags: 0 })
      const found = ifaces.flatMap(({ addrs }) => addrs.map(({ addr }) => addr)).filter(isForOthers)
      // A guest that answers for many addresses is in the node's neighbour table with all of them.
      if (found.length > 0) return upToBytesMax(found)
    } catch (error) {
      // Not every node can say.
      if (!isLibvirtError(error)) throw error
    }
  }
  return []
}

/** Neither the guest's own nor one that is good on its link alone. */
const isForOthers = (ip: string): boolean => !/^(127\.|169\.254\.|::1$|fe80:)/i.test(ip)
