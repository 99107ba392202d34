import type { GuestAgentInfo, GuestFileSystem, GuestInterface } from '#db/schema/vm-guest.ts'
import type { MemoryUsage } from '#db/schema/vm-usage.ts'
import type { GuestAgentInfo as AgentMessage } from '#proto/gen/limiquantix/node/v1/GuestAgentInfo.ts'
import type { GuestDiskUsage } from '#proto/gen/limiquantix/node/v1/GuestDiskUsage.ts'
import type { GuestNetworkInterface } from '#proto/gen/limiquantix/node/v1/GuestNetworkInterface.ts'
import type { KnownGuest } from './guest-memory.ts'
import { optionalTimestamp, timestamp } from './timestamp.ts'

/** What a guest says of itself by its agent, and of its memory by its balloon driver. */
export function guestAgentView(connected: boolean, guest: KnownGuest | null, memory: MemoryUsage | null): AgentMessage {
  if (!guest?.agent) return { connected, ipAddresses: guest?.ipAddresses ?? [] }
  const { agent, ipAddresses, seenAt } = guest
  return {
    connected,
    ...namesOf(agent),
    ipAddresses,
    interfaces: agent.interfaces.map(interfaceView),
    resourceUsage: {
      memoryTotalBytes: memory?.guestTotalBytes ?? 0,
      memoryUsedBytes: memory?.guestUsedBytes ?? 0,
      memoryAvailableBytes: Math.max(0, (memory?.guestTotalBytes ?? 0) - (memory?.guestUsedBytes ?? 0)),
      disks: agent.fileSystems.map(diskView),
    },
    capabilities: agent.capabilities,
    lastSeen: timestamp(seenAt),
    users: agent.users.map(({ name, loginAt }) => ({
      name,
      loginAt: optionalTimestamp(loginAt === null ? null : new Date(loginAt)),
    })),
  }
}

const namesOf = ({ version, osName, osVersion, kernelVersion, hostname }: GuestAgentInfo) => ({
  version: version ?? '',
  osName: osName ?? '',
  osVersion: osVersion ?? '',
  kernelVersion: kernelVersion ?? '',
  hostname: hostname ?? '',
})

/** The agent does not say which are up: one with an address is. */
const interfaceView = ({ name, mac, ipv4, ipv6 }: GuestInterface): GuestNetworkInterface => ({
  name,
  macAddress: mac ?? '',
  ipv4Addresses: ipv4,
  ipv6Addresses: ipv6,
  isUp: ipv4.length + ipv6.length > 0,
})

function diskView({ mountpoint, type, totalBytes, usedBytes }: GuestFileSystem): GuestDiskUsage {
  const total = totalBytes ?? 0
  const used = usedBytes ?? 0
  return {
    mountPoint: mountpoint,
    filesystem: type,
    totalBytes: total,
    usedBytes: used,
    availableBytes: Math.max(0, total - used),
    usagePercent: total > 0 ? (used / total) * 100 : 0,
  }
}
