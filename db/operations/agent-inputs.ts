import { z } from 'zod'
import type { GuestCall } from '#db/guest-call.ts'

/** What is asked of a guest stands beside its operation (`guest_calls`): an input becomes history. */
const guest = z.object({ vmId: z.guid() })

export const agentInputs = {
  'agent.ping': guest,
  'agent.exec': guest,
  'agent.read-file': guest,
  'agent.write-file': guest,
  'agent.sync-time': guest,
  'agent.shutdown': guest,
  'agent.quiesce': guest,
  'agent.thaw': guest,
} as const satisfies Record<GuestCall, typeof guest>
