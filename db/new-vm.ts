import type { VmRow } from '#db/schema/vm.ts'

/** What the row of every VM begins with. */
export const newVm = {
  state: 'CREATING',
  changedFrom: null,
  runningSpec: null,
  effectiveCpu: null,
  startedAt: null,
  runId: null,
  definedOnNode: true,
  guestAgentConnected: null,
  diskProblem: null,
  unmanaged: null,
  currentSnapshotId: null,
  snapshotSchedule: null,
  nextSnapshotAt: null,
} as const satisfies Partial<VmRow>
