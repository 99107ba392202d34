import { holdsTheGuestGuarantees, writeGuestFile } from './guest-call-guarantees.ts'

holdsTheGuestGuarantees({
  kind: 'agent.read-file',
  call: 'readGuestFile',
  request: { path: '/tmp/secret', offset: 1, maxBytes: 4 },
  answer: { data: Buffer.from('hush').toString('base64'), totalBytes: 6, isEnd: false },
  arrange: (hypervisor, vmId) => writeGuestFile(hypervisor, vmId, '/tmp/secret', '-hush-'),
})
