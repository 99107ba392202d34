import { AppError } from '#db/errors.ts'
import { until } from '../until.ts'
import type { Stack } from './stack.ts'

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

/**
 * The node of this machine, once its worker has reported since `since`; null when the signal comes first.
 * Throws `unavailable` when the worker does not come up.
 */
export async function waitForNode(
  { apiUrl, requireAlive }: Pick<Stack, 'apiUrl' | 'requireAlive'>,
  since: Date,
  signal: AbortSignal,
): Promise<NodeReport | null> {
  let found: NodeReport | undefined
  const decided = await until(async () => {
    if (signal.aborted) return true
    requireAlive()
    found = (await listNodes(apiUrl)).find((node) => new Date(node.lastSeenAt) >= since)
    return found !== undefined
  }, probeTimeoutMs)
  if (!decided) throw new AppError('unavailable', `The worker has not reported within ${probeTimeoutMs / 1000} s`)
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
