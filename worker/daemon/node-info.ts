import { readFile } from 'node:fs/promises'
import os from 'node:os'
import { maxVcpus } from '#db/rules/spec-contradictions.ts'
import type { NodeInfoResponse } from '#proto/gen/limiquantix/node/v1/NodeInfoResponse.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { managementAddress } from './management-address.ts'

/** What the node is. What this daemon cannot do yet it does not say that it can. */
export async function nodeInfo(nodeId: string, hypervisor: Hypervisor): Promise<NodeInfoResponse> {
  const [described, release] = await Promise.all([hypervisor.describeNode(), osRelease()])
  const totalBytes = described.memoryMib * 2 ** 20
  return {
    nodeId,
    hostname: described.hostname,
    managementIp: managementAddress(),
    cpuModel: os.cpus()[0]?.model ?? '',
    cpuCores: described.cpuCount,
    memoryTotalBytes: totalBytes,
    memoryAvailableBytes: os.freemem(),
    osName: release.NAME ?? os.type(),
    osVersion: release.VERSION_ID ?? '',
    kernelVersion: os.release(),
    uptimeSeconds: Math.floor(os.uptime()),
    hypervisorName: hypervisor.kind,
    hypervisorVersion: described.libvirtVersion ?? '',
    supportsLiveMigration: false,
    supportsSnapshots: true,
    supportsHotplug: true,
    maxVcpus,
    maxMemoryBytes: totalBytes,
  }
}

/** https://www.freedesktop.org/software/systemd/man/latest/os-release.html; empty where there is none. */
async function osRelease(): Promise<Record<string, string>> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return Object.fromEntries([...text.matchAll(/^([A-Z_]+)="?(.*?)"?$/gm)].map(([, name, value]) => [name, value]))
}
