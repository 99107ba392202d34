import { expect } from 'vitest'
import { holdsTheGuestGuarantees } from './guest-call-guarantees.ts'

holdsTheGuestGuarantees({
  kind: 'agent.quiesce',
  call: 'quiesceFilesystems',
  request: { mountPoints: [], timeoutSeconds: 60, runPreFreezeScripts: false },
  answer: {
    ...{ token: expect.any(String) as never, deadlineAt: expect.any(String) as never },
    fileSystems: expect.arrayContaining([expect.objectContaining({ mountPoint: '/', frozen: true })]) as never,
  },
})
