import type { z } from '@hono/zod-openapi'
import { operationRefView } from '#api/operations/view.ts'
import { allowedActions } from '#db/rules/vm-refusal.ts'
import type { VmWithOperation } from '#db/vms.ts'
import { reportView } from './report-view.ts'
import { restartStatus } from './restart-status.ts'
import type { vmSchema } from './schemas.ts'

/** A VM as the API shows it. */
export const vmView = ({ vm, operation, snapshots, usage, guest }: VmWithOperation): z.infer<typeof vmSchema> => ({
  id: vm.id,
  name: vm.name,
  description: vm.description,
  origin: vm.unmanaged ? 'host' : 'quantix',
  labels: vm.labels,
  spec: vm.spec,
  status: {
    state: vm.state,
    message: vm.message,
    nodeId: vm.nodeId,
    effectiveCpu: vm.effectiveCpu,
    ...restartStatus(vm),
    startedAt: vm.startedAt?.toISOString() ?? null,
    guestAgentConnected: vm.guestAgentConnected,
    diskProblem: vm.diskProblem,
    currentSnapshotId: vm.currentSnapshotId,
    tscFrequencyHz: vm.tscFrequencyHz,
    unmanagedDevices: vm.unmanaged?.devices ?? [],
    unmanagedDisks: vm.unmanaged?.disks ?? [],
    ...(usage !== undefined && guest !== undefined && reportView(vm, { usage, guest })),
  },
  snapshotSchedule: vm.snapshotSchedule && {
    ...vm.snapshotSchedule,
    nextSnapshotAt: vm.nextSnapshotAt?.toISOString() ?? null,
  },
  allowedActions: allowedActions(vm, operation, snapshots),
  createdAt: vm.createdAt.toISOString(),
  updatedAt: vm.updatedAt.toISOString(),
  ...(operation && { operation: operationRefView(operation) }),
})
