import { holdsTheGuestGuarantees } from './guest-call-guarantees.ts'

holdsTheGuestGuarantees({
  kind: 'agent.sync-time',
  call: 'syncTime',
  request: { force: true },
  answer: { offsetBeforeSeconds: 0, offsetAfterSeconds: 0, source: 'node' },
})
