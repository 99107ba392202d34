import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { gather } from '#db/gather.ts'
import { findVmsOfNode, recordHostDomains, type SeenDomain } from '#db/host-domains.ts'
import type { Claimant } from '#db/operations/claim.ts'
import type { HostDomain, HostDomainCalls } from '#worker/hypervisor/host-domain.ts'

/** Keeps the rows of what runs beside our VMs in line with the node. */
export interface HostDomains {
  /** Writes down what differs from the last time. */
  look(): Promise<void>
  /** Looks, unless it is a VM that Quantix made. */
  happenedTo(domainId: string): Promise<void>
}

interface HostDomainsDependencies {
  db: Database
  hypervisor: Pick<HostDomainCalls, 'listHostDomains'>
  claimant: Claimant
  log: Logger
}

export function createHostDomains({ db, hypervisor, claimant, log }: HostDomainsDependencies): HostDomains {
  let ours: ReadonlySet<string> = new Set()
  /** What stands in the rows, as text; null until it is known. */
  let written: ReadonlyMap<string, string> | null = null

  async function lookOnce(): Promise<void> {
    const vms = await findVmsOfNode(db, claimant.nodeId)
    ours = new Set(vms.filter(({ isAdopted }) => !isAdopted).map(({ id }) => id))
    const listed = await hypervisor.listHostDomains(ours)
    const vmIds = new Set(vms.map(({ id }) => id))
    const adopted = listed.filter(({ id }) => vmIds.has(id))
    // Also those that were adopted: one that is released is there at once.
    const seen = listed.map((domain) => seenDomain(domain, adopted))
    const now = new Map(seen.map((domain) => [domain.id, JSON.stringify(domain)]))
    const before = written
    const changed = seen.filter(({ id }) => before?.get(id) !== now.get(id))
    if (before && changed.length === 0 && before.size === now.size) return
    written = null
    await recordHostDomains(db, claimant, { changed, present: [...now.keys()] })
    written = now
    log.info({ hostDomains: { count: now.size, changed: changed.length } }, 'host domains changed')
  }

  /** Who asks while it goes on is answered by the next: what happened since it began, it may not have seen. */
  const gathered = gather(async (asked: null[]) => {
    await lookOnce()
    return asked
  }, Number.POSITIVE_INFINITY)
  const look = async () => void (await gathered(null))

  return {
    look,
    happenedTo: async (domainId) => {
      if (!ours.has(domainId)) await look()
    },
  }
}

/** Without what stays on the node. */
function seenDomain(domain: HostDomain, adopted: readonly HostDomain[]): SeenDomain {
  const { writesTo, tscFrequencyHz: _, ...seen } = domain
  const sharing = adopted
    .filter(({ id }) => id !== domain.id)
    .filter((vm) => vm.writesTo.some((place) => writesTo.includes(place)))
    .map(({ id }) => id)
  return { ...seen, sharesDiskWith: [...new Set([...seen.sharesDiskWith, ...sharing])] }
}
