import { z } from 'zod'
import { AppError } from '#db/errors.ts'
import type { GuestAgentInfo, GuestInterface } from '#db/schema/vm-guest.ts'
import type { GuestReading } from '#worker/hypervisor/port.ts'
import { failedFor } from './agent/errors.ts'
import { guestText } from './agent/guest-text.ts'
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

/** An agent answers each of these within milliseconds. */
const answerTimeoutSeconds = 3
/** Answers of an agent that can be asked something else. */
const unable = ['GUEST_AGENT_CANNOT', 'GUEST_AGENT_REFUSED', 'GUEST_IS_FROZEN', 'GUEST_ANSWER_TOO_LONG']

/** It is the guest who writes it. */
const text = z.string().transform(guestText)
const optionalText = text.nullish().transform((words) => words ?? null)
const optionalBytes = z
  .int()
  .nonnegative()
  .nullish()
  .catch(null)
  .transform((bytes) => bytes ?? null)
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.array(z.unknown()).transform((all) => all.slice(0, 64).flatMap((one) => item.safeParse(one).data ?? []))

const about = z.object({
  version: optionalText,
  supported_commands: z
    .array(z.object({ name: text, enabled: z.boolean() }))
    .max(1000)
    .catch([]),
})
const osInfo = z.object({ name: optionalText, version: optionalText, 'kernel-release': optionalText })
const hostName = z.object({ 'host-name': optionalText })
const address = z.object({ 'ip-address': text, 'ip-address-type': z.enum(['ipv4', 'ipv6']) })
const networkInterfaces = listOf(
  z.object({ name: text, 'hardware-address': optionalText, 'ip-addresses': listOf(address).catch([]) }),
)
const fileSystems = listOf(
  z.object({ mountpoint: text, type: text, 'total-bytes': optionalBytes, 'used-bytes': optionalBytes }),
)

/** What runs in a VM, by its guest agent and by what its node knows; null where it does not run. */
export async function readGuest(deps: Deps, vmId: string, signal: AbortSignal): Promise<GuestReading | null> {
  const { connection, runs, line } = deps
  const dom = await findDomain(connection, vmId)
  if (!dom || dom.id < 0) return null
  const { runId, guestAgentConnected } = await runs.known(dom)
  const agent = guestAgentConnected ? await askAll(line, dom, signal) : null
  const told = agent?.interfaces.flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6]).filter(isForOthers) ?? []
  const ipAddresses = told.length > 0 ? told : await addressesOnNode(connection, dom)
  return { runId, report: { agent, ipAddresses } }
}

async function askAll(line: AgentLine, dom: Domain, signal: AbortSignal): Promise<GuestAgentInfo | null> {
  /** Null where the agent cannot say, or says what cannot be read. */
  async function ask<Schema extends z.ZodType>(command: string, schema: Schema): Promise<z.infer<Schema> | null> {
    if (signal.aborted)
      throw new AppError('unavailable', 'An operation on this VM begins.', { reason: 'HYPERVISOR_BUSY' })
    try {
      const answer = await line.ask(dom, { execute: command, timeoutSeconds: answerTimeoutSeconds }, signal)
      return schema.safeParse(answer).data ?? null
    } catch (error) {
      if (failedFor(error, ...unable)) return null
      throw error
    }
  }

  const agent = await ask('guest-info', about)
  if (!agent) return null
  const capabilities = agent.supported_commands.filter(({ enabled }) => enabled).map(({ name }) => name)
  const askIfAble = async <Schema extends z.ZodType>(command: string, schema: Schema) =>
    capabilities.includes(command) ? ask(command, schema) : null
  const os = await askIfAble('guest-get-osinfo', osInfo)
  const host = await askIfAble('guest-get-host-name', hostName)
  const interfaces = await askIfAble('guest-network-get-interfaces', networkInterfaces)
  const mounted = await askIfAble('guest-get-fsinfo', fileSystems)
  return {
    version: agent.version,
    osName: os?.name ?? null,
    osVersion: os?.version ?? null,
    kernelVersion: os?.['kernel-release'] ?? null,
    hostname: host?.['host-name'] ?? null,
    interfaces: interfaces?.map(interfaceOf) ?? [],
    fileSystems:
      mounted?.map((one) => ({
        mountpoint: one.mountpoint,
        type: one.type,
        totalBytes: one['total-bytes'],
        usedBytes: one['used-bytes'],
      })) ?? [],
    capabilities,
  }
}

function interfaceOf(one: z.infer<typeof networkInterfaces>[number]): GuestInterface {
  const addresses = (type: 'ipv4' | 'ipv6') =>
    one['ip-addresses'].filter((address) => address['ip-address-type'] === type).map((address) => address['ip-address'])
  return { name: one.name, mac: one['hardware-address'], ipv4: addresses('ipv4'), ipv6: addresses('ipv6') }
}

/** What libvirt's networks have leased to it, else what the node's kernel knows of its neighbours. */
async function addressesOnNode(connection: LibvirtConnection, dom: Domain): Promise<string[]> {
  for (const source of [DomainInterfaceAddressesSource.LEASE, DomainInterfaceAddressesSource.ARP]) {
    try {
      const { ifaces } = await connection.call(remote.domainInterfaceAddresses, { dom, source, flags: 0 })
      const found = ifaces.flatMap(({ addrs }) => addrs.map(({ addr }) => addr)).filter(isForOthers)
      if (found.length > 0) return found
    } catch (error) {
      // Not every node can say.
      if (!isLibvirtError(error)) throw error
    }
  }
  return []
}

/** Neither the guest's own nor one that is good on its link alone. */
const isForOthers = (ip: string): boolean => !/^(127\.|169\.254\.|::1$|fe80:)/i.test(ip)
