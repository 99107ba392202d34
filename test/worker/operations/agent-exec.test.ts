import { expect } from 'vitest'
import { holdsTheGuestGuarantees } from './guest-call-guarantees.ts'

holdsTheGuestGuarantees({
  kind: 'agent.exec',
  call: 'executeInGuest',
  request: {
    ...{ command: 'cat', args: ['hush'], environment: { PASSWORD: 'hush' }, workingDirectory: null },
    ...{ stdin: Buffer.from('hush, hush').toString('base64'), timeoutSeconds: 10, outputLimitBytes: 4 },
    waitForExit: true,
  },
  answer: {
    ...{ exitCode: 0, stdout: 'hush', stderr: '', stdoutTruncated: true, stderrTruncated: false, timedOut: false },
    durationMs: expect.any(Number) as never,
  },
})
