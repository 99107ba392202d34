import type { HostDomainRow } from '#db/schema/host-domain.ts'

/** A domain of the node that others made, in our words. */
export interface HostDomain extends Omit<HostDomainRow, 'nodeId' | 'firstSeenAt'> {
  /** What its guest's TSC is pinned to, Hz; null where it is not. */
  tscFrequencyHz: number | null
  /** What its disks write to, each under a name that only the same has on this node. */
  writesTo: string[]
}

/** The part of the port that looks at what runs beside our VMs. None of it changes anything. */
export interface HostDomainCalls {
  /** Every domain of the node, but for those. What a definition says may be ten minutes old where nobody told of a change. */
  listHostDomains(except: ReadonlySet<string>): Promise<HostDomain[]>
  /** A domain as it is now, with the sizes of its disks where they are whole GiB; null where there is none. */
  readHostDomain(domainId: string): Promise<HostDomain | null>
}
