import { holdsTheGuestGuarantees } from './guest-call-guarantees.ts'

holdsTheGuestGuarantees({
  kind: 'agent.write-file',
  call: 'writeGuestFile',
  request: { path: '/tmp/secret', data: Buffer.from('hush').toString('base64'), mode: 0o600, createParents: false },
  answer: { sizeBytes: 4 },
})
