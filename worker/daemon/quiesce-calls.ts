import { z } from 'zod'
import {
  guestMountPoints,
  quiesceTimeoutDefault,
  quiesceTimeoutMax,
  quiesceToken,
  thawsAllText,
} from '#db/guest-requests.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { Calls } from './calls.ts'
import { type FieldProblem, invalidRequest, readFields } from './invalid-request.ts'
import { limit } from './read-fields.ts'
import { timestamp } from './timestamp.ts'
import type { VmControl } from './vm-control.ts'
import { readVmId } from './vm-id.ts'

const quiesce = z.object({
  mountPoints: guestMountPoints,
  timeoutSeconds: limit(quiesceTimeoutMax),
  runPreFreezeScripts: z.boolean(),
})

const thaw = z.object({
  quiesceToken,
  mountPoints: z.array(z.string()).max(0, thawsAllText),
  runPostThawScripts: z.boolean(),
})

/** How a node has guests frozen and thawed. */
export const quiesceCalls = (control: Pick<VmControl, 'find'>, hypervisor: Hypervisor) =>
  ({
    async QuiesceFilesystems(request, signal) {
      const { timeoutSeconds = quiesceTimeoutDefault, ...wanted } = readFields(quiesce, request, invalid)
      const vmId = readVmId(request)
      await control.find(vmId)
      const { token, deadlineAt, fileSystems } = await hypervisor.quiesceFilesystems(
        { vmId, timeoutSeconds, ...wanted },
        signal,
      )
      const frozen = fileSystems.map(({ mountPoint, device, type, frozen, error }) => ({
        ...{ mountPoint, frozen, filesystem: type },
        device: device ?? '',
        error: error ?? '',
      }))
      return { success: true, frozen, quiesceToken: token, deadlineAt: timestamp(new Date(deadlineAt)) }
    },
    async ThawFilesystems(request, signal) {
      const { quiesceToken: token, runPostThawScripts } = readFields(thaw, request, invalid)
      const vmId = readVmId(request)
      await control.find(vmId)
      const thawed = await hypervisor.thawFilesystems({ vmId, token, runPostThawScripts }, signal)
      return {
        success: true,
        thawedMountPoints: [...thawed.mountPoints],
        frozenDurationMs: thawed.frozenMs,
        error: thawed.scriptsError ?? '',
      }
    },
  }) satisfies Partial<Calls>

const invalid = (problems: readonly FieldProblem[]) =>
  invalidRequest('The guest cannot be frozen or thawed so', 'INVALID_GUEST_REQUEST', problems)
