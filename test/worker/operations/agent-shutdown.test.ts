import { holdsTheGuestGuarantees } from './guest-call-guarantees.ts'

holdsTheGuestGuarantees({
  kind: 'agent.shutdown',
  call: 'shutdownByAgent',
  request: { reboot: false },
  answer: { accepted: true },
})
