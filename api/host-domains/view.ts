import type { z } from '@hono/zod-openapi'
import { adoptionObstacles } from '#db/rules/adoption.ts'
import type { HostDomainRow } from '#db/schema/host-domain.ts'
import type { hostDomainSchema } from './schemas.ts'

/** A domain, and whether its node answers. */
export interface HostDomainOfNode {
  domain: HostDomainRow
  silentSince: Date | null
}

/** A domain that others made, as the API shows it. */
export function hostDomainView({ domain, silentSince }: HostDomainOfNode): z.infer<typeof hostDomainSchema> {
  const { unmanaged, sharesDiskWith: _, ...shown } = domain
  const obstacles = adoptionObstacles(domain)
  return {
    ...shown,
    origin: 'host',
    state: silentSince ? 'UNKNOWN' : domain.state,
    unmanagedDevices: unmanaged.devices,
    unmanagedDisks: unmanaged.disks,
    adoption: { allowed: obstacles.length === 0, reasons: obstacles },
    firstSeenAt: domain.firstSeenAt.toISOString(),
  }
}
