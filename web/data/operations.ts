import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { cancelOperation, listOperations, listVmEvents } from '#openapi/sdk/typescript/index.ts'
import { answered } from './request.ts'

const openEveryMs = 1000
const quietEveryMs = 5000
const mostListed = 50

/** The newest operations; looked at more often while they are shown. */
export const useOperations = (isShown: boolean) =>
  useQuery({
    queryKey: ['operations'],
    queryFn: async ({ signal }) => (await answered(listOperations({ query: { limit: mostListed }, signal }))).items,
    refetchInterval: isShown ? openEveryMs : quietEveryMs,
  })

/** Asks for an operation's end. */
export function useCancelOperation() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => answered(cancelOperation({ path: { id } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['operations'] }),
  })
}

/** What happened to a VM, newest first. */
export const useVmEvents = (vmId: string) =>
  useQuery({
    queryKey: ['events', vmId],
    queryFn: async ({ signal }) =>
      (await answered(listVmEvents({ path: { id: vmId }, query: { limit: mostListed }, signal }))).items,
    refetchInterval: quietEveryMs,
  })
