import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import {
  createSnapshot,
  deleteSnapshot,
  getSnapshotCapabilities,
  listSnapshots,
  revertToSnapshot,
  type SnapshotCreateInput,
  type SnapshotRevertInput,
  stopVm,
  type UpdateVmData,
  updateVm,
  type Vm,
} from '#openapi/sdk/typescript/index.ts'
import { answered } from './request.ts'

const changingEveryMs = 700
const quietEveryMs = 5000
const mostListed = 200
/** A guest that does not shut down in it is asked on; the snapshot is then taken by hand. */
const stoppedWithin = 'wait=30'

/** A VM's snapshots, newest first. */
export const useSnapshots = (vmId: string) =>
  useQuery({
    queryKey: ['snapshots', vmId],
    queryFn: async ({ signal }) =>
      (await answered(listSnapshots({ path: { id: vmId }, query: { limit: mostListed }, signal }))).items,
    refetchInterval: ({ state }) => (state.data?.some(({ operation }) => operation) ? changingEveryMs : quietEveryMs),
  })

/** What each kind of snapshot would be now, or why it cannot be taken. */
export const useSnapshotCapabilities = (vmId: string) =>
  useQuery({
    queryKey: ['snapshot-capabilities', vmId],
    queryFn: ({ signal }) => answered(getSnapshotCapabilities({ path: { id: vmId }, signal })),
    refetchInterval: quietEveryMs,
  })

export const useTakeSnapshot = (vmId: string) =>
  useSnapshotChange(vmId, (body: SnapshotCreateInput) => answered(createSnapshot({ path: { id: vmId }, body })))

/** Shuts the guest down, waits for it, and takes the snapshot then. */
export const useStopThenSnapshot = (vmId: string) =>
  useSnapshotChange(vmId, async (body: SnapshotCreateInput) => {
    await answered<Vm>(stopVm({ path: { id: vmId }, body: {}, headers: { Prefer: stoppedWithin } }))
    return answered(createSnapshot({ path: { id: vmId }, body }))
  })

export const useRevert = (vmId: string) =>
  useSnapshotChange(vmId, ({ snapshotId, ...body }: SnapshotRevertInput & { snapshotId: string }) =>
    answered(revertToSnapshot({ path: { id: vmId, snapshotId }, body })),
  )

export const useDeleteSnapshot = (vmId: string) =>
  useSnapshotChange(vmId, (snapshotId: string) => answered<unknown>(deleteSnapshot({ path: { id: vmId, snapshotId } })))

/** Changes a VM; what runs keeps what it was started with. */
export const useUpdateVm = (vmId: string) =>
  useSnapshotChange(vmId, (body: UpdateVmData['body']) => answered(updateVm({ path: { id: vmId }, body })))

function useSnapshotChange<Input, Outcome>(vmId: string, mutationFn: (input: Input) => Promise<Outcome>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    onSettled: () =>
      Promise.all(
        [['snapshots', vmId], ['snapshot-capabilities', vmId], ['vms']].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  })
}
