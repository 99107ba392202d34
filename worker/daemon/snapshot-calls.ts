import { z } from 'zod'
import { snapshotNamePattern } from '#db/given-names.ts'
import type { Calls } from './calls.ts'
import { type FieldProblem, invalidRequest, readFields } from './invalid-request.ts'
import { snapshotView } from './views.ts'
import type { VmControl } from './vm-control.ts'
import { readSnapshotId, readVmId } from './vm-id.ts'

/** What a node does with the snapshots of its VMs. */
export const snapshotCalls = (control: VmControl) =>
  ({
    async CreateSnapshot(request) {
      const vmId = readVmId(request)
      const { diskOnly, ...wanted } = readFields(snapshot, request, invalid)
      return snapshotView(await control.takeSnapshot(vmId, { ...wanted, ...asOverRest, includeMemory: !diskOnly }))
    },
    async ListSnapshots(request) {
      const { snapshots } = await control.find(readVmId(request))
      return { snapshots: snapshots.filter(({ state }) => state === 'READY').map(snapshotView) }
    },
    async RevertSnapshot(request) {
      await control.revert(readVmId(request), readSnapshotId(request))
      return {}
    },
    async DeleteSnapshot(request) {
      await control.deleteSnapshot(readVmId(request), readSnapshotId(request))
      return {}
    },
  }) satisfies Partial<Calls>

const asOverRest = { quiescePolicy: 'require', quiesceTimeoutSeconds: 60 } as const

/** As over REST. */
const snapshot = z
  .object({
    name: z.string().regex(snapshotNamePattern, 'must have 1 to 128 printable characters, and no space at its ends'),
    description: z.string().max(1000),
    quiesce: z.boolean(),
    diskOnly: z.boolean(),
  })
  .refine(({ quiesce, diskOnly }) => diskOnly || !quiesce, {
    path: ['quiesce'],
    message: 'needs disk_only: frozen file systems would stay frozen in the saved memory',
  })

const invalid = (problems: readonly FieldProblem[]) =>
  invalidRequest('The snapshot cannot be taken', 'INVALID_SNAPSHOT', problems)
