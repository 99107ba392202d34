import { expect } from 'vitest'
import type { GuestRequest } from '#db/guest-call.ts'
import { holdsTheGuestGuarantees } from './guest-call-guarantees.ts'

/** The token comes with the freeze. */
const request: GuestRequest<'agent.thaw'> = { token: '', runPostThawScripts: false }

holdsTheGuestGuarantees({
  kind: 'agent.thaw',
  call: 'thawFilesystems',
  request,
  answer: {
    ...{ mountPoints: expect.arrayContaining(['/']) as never, frozenMs: expect.any(Number) as never },
    scriptsError: null,
  },
  async arrange(hypervisor, vmId) {
    const freeze = { vmId, mountPoints: [], timeoutSeconds: 60, runPreFreezeScripts: false }
    const { token } = await hypervisor.quiesceFilesystems(freeze, new AbortController().signal)
    request.token = token
  },
})
