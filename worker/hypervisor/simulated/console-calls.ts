import { displayNeedsPower, noDisplay } from '#worker/hypervisor/console-calls.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedCalls } from './options.ts'

const firstVncPort = 5900

/** What there is to see of a VM: a display on which nobody listens, and what became of it as its log. */
export const consoleCalls = ({ defined }: SimulatedNode) =>
  ({
    async findDisplay(vmId) {
      const { running } = defined(vmId)
      if (!running) throw displayNeedsPower()
      const { type } = running.spec.display
      if (type === 'none') throw noDisplay()
      return { type, host: '127.0.0.1', port: firstVncPort }
    },
    readLog: async (vmId, lines) => (defined(vmId).log ?? []).slice(-lines),
  }) satisfies Partial<SimulatedCalls>
