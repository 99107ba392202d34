import { useQuery } from '@tanstack/react-query'
import { listGuestOsProfiles, listImages, listNodes } from '#openapi/sdk/typescript/index.ts'
import { answered } from './request.ts'

const everyMs = 15_000

export const useNodes = () =>
  useQuery({
    queryKey: ['nodes'],
    queryFn: async ({ signal }) => (await answered(listNodes({ query: { limit: 200 }, signal }))).items,
    refetchInterval: everyMs,
  })

/** What VMs can be made from. */
export const useImages = () =>
  useQuery({
    queryKey: ['images'],
    queryFn: async ({ signal }) => (await answered(listImages({ query: { limit: 200 }, signal }))).items,
    refetchInterval: everyMs,
  })

/** Never change while the page is open. */
export const useGuestOsProfiles = () =>
  useQuery({
    queryKey: ['guest-os-profiles'],
    queryFn: async ({ signal }) => (await answered(listGuestOsProfiles({ signal }))).items,
    staleTime: Number.POSITIVE_INFINITY,
  })
