import { holdsTheGuestGuarantees } from './guest-call-guarantees.ts'

holdsTheGuestGuarantees({
  kind: 'agent.ping',
  call: 'pingAgent',
  request: {},
  answer: { connected: true, version: 'simulated', uptimeSeconds: 0, message: '' },
})
