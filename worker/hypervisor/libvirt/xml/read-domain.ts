import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type { RunningSpec } from '#db/rules/spec-changes.ts'
import { type CpuFeaturePolicy, cpuFeaturePolicies } from '#db/vm-spec.ts'
import { readRunningSpec } from './metadata.ts'
import { childrenOf, find, readXml, type XmlElement } from './read.ts'

/** What we read of a domain's XML, live or inactive. */
export interface DomainFacts {
  name: string
  /** What it was made of, or runs with; null of one that does not say. */
  spec: RunningSpec | null
  cpu: CpuFacts
  memoryMib: number
  /** What the guest's balloon leaves it of that. */
  currentMemoryMib: number
  /** As QEMU calls it, like `pc-q35-7.2`. */
  machineType: string | null
  /** The file of the UEFI variables; null for a BIOS VM. */
  nvramPath: string | null
  /** Disks and cdroms in the order of the definition. */
  disks: DomainDisk[]
  /** In the order of the definition. */
  nics: DomainNic[]
  /** Whether qemu-guest-agent answers on its channel; known of a running domain only. */
  guestAgentConnected: boolean
}

export interface DomainDisk {
  target: string
  device: string
  readOnly: boolean
  /** The file that the guest writes to; null for an empty drive or one that is no file. */
  path: string | null
  /** QEMU's name for the device; null while it does not run. */
  alias: string | null
  /** The number in libvirt's names for the file's nodes in QEMU; null while it does not run. */
  nodeIndex: string | null
}

export interface DomainNic {
  mac: string
  /** The name that the node has for it; empty while it does not run. */
  device: string
}

export function readDomain(xml: string): DomainFacts {
  const domain = readXml(xml)
  const devices = find(domain, 'devices')
  return {
    name: find(domain, 'name')?.text ?? '',
    spec: readRunningSpec(domain),
    cpu: readCpu(domain),
    // libvirt gives back KiB, whatever it was defined with.
    memoryMib: Number(find(domain, 'memory')?.text) / 1024,
    currentMemoryMib: Number(find(domain, 'currentMemory')?.text) / 1024,
    machineType: find(domain, 'os', 'type')?.attributes.get('machine') ?? null,
    nvramPath: find(domain, 'os', 'nvram')?.text ?? null,
    disks: childrenOf(devices, 'disk').map(readDisk),
    nics: childrenOf(devices, 'interface').map((nic) => ({
      mac: attributeOf(nic, 'mac', 'address'),
      device: attributeOf(nic, 'target', 'dev'),
    })),
    guestAgentConnected: childrenOf(devices, 'channel')
      .map((channel) => find(channel, 'target')?.attributes)
      .some((target) => target?.get('name') === 'org.qemu.guest_agent.0' && target.get('state') === 'connected'),
  }
}

const attributeOf = (element: XmlElement, child: string, name: string): string =>
  find(element, child)?.attributes.get(name) ?? ''

function readCpu(domain: XmlElement): CpuFacts {
  const cpu = find(domain, 'cpu')
  const mode = cpu?.attributes.get('mode')
  const migratable = cpu?.attributes.get('migratable')
  const policies = childrenOf(cpu, 'feature')
    .filter((feature) => feature.attributes.get('name') === 'invtsc')
    .map((feature) => feature.attributes.get('policy'))
  const frequency = childrenOf(find(domain, 'clock'), 'timer')
    .find((timer) => timer.attributes.get('name') === 'tsc')
    ?.attributes.get('frequency')
  return {
    mode: isMode(mode) ? mode : 'custom',
    migratable: migratable === 'on' || migratable === 'off' ? migratable : null,
    invtscPolicy: policies.length > 0 ? policyOf(policies.at(-1)) : null,
    tscFrequencyHz: frequency === undefined ? null : Number(frequency),
  }
}

const isMode = (mode: string | undefined): mode is CpuFacts['mode'] =>
  mode === 'host-model' || mode === 'host-passthrough' || mode === 'maximum' || mode === 'custom'

/** libvirt takes a feature without a policy as required. */
const policyOf = (policy: string | undefined): CpuFeaturePolicy =>
  cpuFeaturePolicies.find((known) => known === policy) ?? 'require'

const readDisk = (disk: XmlElement): DomainDisk => ({
  target: find(disk, 'target')?.attributes.get('dev') ?? '',
  device: disk.attributes.get('device') ?? 'disk',
  readOnly: find(disk, 'readonly') !== undefined,
  path: find(disk, 'source')?.attributes.get('file') ?? null,
  alias: find(disk, 'alias')?.attributes.get('name') ?? null,
  nodeIndex: find(disk, 'source')?.attributes.get('index') ?? null,
})
