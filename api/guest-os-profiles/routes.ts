import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '#api/deps.ts'
import { commonErrors, json } from '#api/http/responses.ts'
import { guestOsProfileList, guestOsProfilesSchema } from './schemas.ts'

const list = createRoute({
  method: 'get',
  path: '/api/v1/guest-os-profiles',
  operationId: 'listGuestOsProfiles',
  tags: ['VMs'],
  summary: 'List guest OS profiles',
  description:
    'All of them, with the defaults that each gives a VM and its other names. They change only with a release.',
  responses: {
    200: json('The profiles.', guestOsProfilesSchema, { items: guestOsProfileList.slice(0, 1) }),
    ...commonErrors,
  },
})

/** What a VM gets where its request does not say it. */
export const guestOsProfileRoutes = () =>
  new OpenAPIHono<ApiEnv>().openapi(list, (c) => c.json({ items: guestOsProfileList }, 200))
