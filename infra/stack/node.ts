import { until } from '../tied-process.ts'

/** A node as far as the set-up shows it; the whole of it is in openapi.json. */
export interface NodeReport {
  name: string
  hypervisor: 'libvirt' | 'simulated'
  libvirtVersion: string | null
  qemuVersion: string | null
  lastSeenAt: string
  cpuModes: { mode: string; supported: boolean; virtType: string | null; message: string | null }[]
}

/** Finding out what runs takes seconds, and up to two minutes where QEMU cannot reach a /dev/kvm that is there. */
const probeTimeoutMs = 180_000

/** The node of this machine, once its worker has reported since `since`; null when it does not in time. */
export async function waitForNode(apiUrl: string, since: Date, signal?: AbortSignal): Promise<NodeReport | null> {
  let found: NodeReport | undefined
  await until(async () => {
    if (signal?.aborted) return true
    found = (await listNodes(apiUrl)).find((node) => new Date(node.lastSeenAt) >= since)
    return found !== undefined
  }, probeTimeoutMs)
  return found ?? null
}

async function listNodes(apiUrl: string): Promise<NodeReport[]> {
  const response = await fetch(`${apiUrl}/api/v1/nodes`).catch(() => null)
  if (!response?.ok) return []
  const page = (await response.json()) as { items: NodeReport[] }
  return page.items
}

/** The node and what it was found to run, for the console. */
export function describeNode(node: NodeReport): string {
  const versions =
    node.hypervisor === 'libvirt' ? `libvirt ${node.libvirtVersion}, QEMU ${node.qemuVersion}` : 'simulated'
  const modes = node.cpuModes.map(({ mode, supported, virtType, message }) => {
    const how = supported ? `✓ ${virtType}` : '✗'
    return `  ${mode.padEnd(18)}${how}${message === null ? '' : `  ${message}`}`
  })
  return [`Node ${node.name} (${versions}) runs these CPU modes`, ...modes].join('\n')
}
