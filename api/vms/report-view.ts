import type { z } from '@hono/zod-openapi'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmReports } from '#db/vms.ts'
import type { vmSchema } from './schemas.ts'

/** Three samples of usage; guests are asked half as often. */
const usageIsCurrentMs = 90_000
const guestIsCurrentMs = 180_000

/** Usage and guest as the API shows them; what was not told is left out. */
export const reportView = (
  { guestAgentConnected }: Pick<VmRow, 'guestAgentConnected'>,
  { usage, guest }: VmReports,
): Pick<z.infer<typeof vmSchema>['status'], 'usage' | 'guestAgent' | 'ipAddresses'> => ({
  ...(usage && {
    usage: {
      sampledAt: usage.sampledAt.toISOString(),
      current: isYoung(usage.sampledAt, usageIsCurrentMs),
      ...usage.usage,
    },
  }),
  ...(guest?.report.agent && {
    guestAgent: {
      connected: guestAgentConnected ?? false,
      lastSeenAt: guest.seenAt.toISOString(),
      current: isYoung(guest.seenAt, guestIsCurrentMs),
      ...guest.report.agent,
    },
  }),
  ...(guest && { ipAddresses: guest.report.ipAddresses }),
})

const isYoung = (at: Date, ms: number): boolean => Date.now() - at.getTime() < ms
