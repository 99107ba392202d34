import type { ClockCorrection } from '#db/operations/result.ts'
import { hasAgent } from './cpu.ts'
import type { SimulatedVm } from './state.ts'

/** What an agent would say of setting the guest's clock. */
export const clockOf = (vm: SimulatedVm): ClockCorrection =>
  hasAgent(vm)
    ? { corrected: true, offsetSeconds: 0, source: 'node', message: 'The guest agent set the clock.' }
    : {
        corrected: false,
        offsetSeconds: null,
        source: null,
        message: 'The guest agent is not connected, so the clock is behind.',
      }
