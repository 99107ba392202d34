import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import {
  createVm,
  deleteVm,
  getVm,
  listVms,
  pauseVm,
  rebootVm,
  resumeVm,
  startVm,
  stopVm,
  type Vm,
  type VmCreateInputWritable,
} from '#openapi/sdk/typescript/index.ts'
import { answered } from './request.ts'

const listEveryMs = 3000
const changingEveryMs = 500
const quietEveryMs = 3000
const mostListed = 200

/** The newest VMs. */
export const useVms = () =>
  useQuery({
    queryKey: ['vms'],
    queryFn: ({ signal }) => answered(listVms({ query: { limit: mostListed }, signal })),
    refetchInterval: listEveryMs,
  })

/** A VM; looked at more often while something goes on. */
export const useVm = (id: string) =>
  useQuery({
    queryKey: ['vms', id],
    queryFn: ({ signal }) => answered(getVm({ path: { id }, signal })),
    refetchInterval: ({ state }) => (state.data?.operation ? changingEveryMs : quietEveryMs),
  })

/** What can be asked of a VM that exists, by the names of `allowedActions`. */
const actions = {
  start: (id: string) => startVm({ path: { id } }),
  stop: (id: string) => stopVm({ path: { id }, body: {} }),
  forceStop: (id: string) => stopVm({ path: { id }, body: { force: true } }),
  reboot: (id: string) => rebootVm({ path: { id }, body: {} }),
  reset: (id: string) => rebootVm({ path: { id }, body: { force: true } }),
  pause: (id: string) => pauseVm({ path: { id } }),
  resume: (id: string) => resumeVm({ path: { id } }),
  delete: (id: string) => deleteVm({ path: { id } }),
  forceDelete: (id: string) => deleteVm({ path: { id }, query: { force: true } }),
} as const

export type ActionName = keyof typeof actions

/** A change of a VM that is named by its id. */
export function useVmAction(action: ActionName) {
  const show = useShowVm()
  return useMutation({
    // A delete that is done answers with nothing.
    mutationFn: async (id: string): Promise<Vm | null> =>
      ((await answered<unknown>(actions[action](id))) as Vm | undefined) ?? null,
    onSettled: show,
  })
}

/** Waits for the VM a moment: mostly it is made by then. */
export function useCreateVm() {
  const show = useShowVm()
  return useMutation({
    mutationFn: (body: VmCreateInputWritable) => answered<Vm>(createVm({ body, headers: { Prefer: 'wait=10' } })),
    onSettled: show,
  })
}

/** Shows a VM as an answer has it, and looks at the others again. */
function useShowVm() {
  const queries = useQueryClient()
  return (vm: Vm | null | undefined) => {
    if (vm?.id) queries.setQueryData(['vms', vm.id], vm)
    void queries.invalidateQueries({ queryKey: ['vms'] })
  }
}
