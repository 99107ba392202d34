import type { GuestReading } from '#worker/hypervisor/port.ts'
import { hasAgent } from './cpu.ts'
import { observe } from './observe.ts'
import type { SimulatedState } from './state.ts'

/** What a Linux with an agent would say. */
export function readGuest(state: SimulatedState, vmId: string): GuestReading | null {
  const vm = state.vms[vmId]
  const runId = observe(state, vmId)?.runId
  if (!vm || !runId) return null
  if (!hasAgent(vm)) return { runId, report: { agent: null, ipAddresses: [] } }
  const { name, spec } = vm.definition
  const addressOf = (index: number) => `192.0.2.${index + 1}`
  return {
    runId,
    report: {
      agent: {
        ...{ version: 'simulated', osName: 'Linux', osVersion: null, kernelVersion: null, hostname: name },
        interfaces: spec.nics.map(({ mac }, index) => ({
          name: `eth${index}`,
          mac,
          ipv4: [addressOf(index)],
          ipv6: [],
        })),
        fileSystems: [],
        users: [{ name: 'root', loginAt: '2026-01-01T00:00:00.000Z' }],
        capabilities: ['guest-info'],
      },
      ipAddresses: spec.nics.map((_, index) => addressOf(index)),
    },
  }
}
