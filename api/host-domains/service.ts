import { and, desc, eq, lt, notExists, type SQL, sql } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import { getNode } from '#api/nodes/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { hostDomains } from '#db/schema/host-domain.ts'
import { nodes } from '#db/schema/node.ts'
import { vms } from '#db/schema/vm.ts'
import type { HostDomainOfNode } from './view.ts'

/** One that is a VM is none of these any more, whatever its node has said by now. */
const findDomains = ({ drizzle }: Database, condition: SQL | undefined, limit: number): Promise<HostDomainOfNode[]> =>
  drizzle
    .select({ domain: hostDomains, silentSince: nodes.silentSince })
    .from(hostDomains)
    .innerJoin(nodes, eq(nodes.id, hostDomains.nodeId))
    .where(and(condition, notExists(drizzle.select({ one: sql`1` }).from(vms).where(eq(vms.id, hostDomains.id)))))
    .orderBy(desc(hostDomains.id))
    .limit(limit)

/** A node's domains in a fixed order; one more than the limit where there is one. Throws `not_found` without the node. */
export async function listHostDomains(
  database: Database,
  nodeId: string,
  { limit, cursor }: PageQuery,
): Promise<HostDomainOfNode[]> {
  const ofNode = and(eq(hostDomains.nodeId, nodeId), cursor ? lt(hostDomains.id, cursor) : undefined)
  const found = await findDomains(database, ofNode, limit + 1)
  if (found.length === 0) await getNode(database, nodeId)
  return found
}

/** Throws `not_found` without the node or the domain, and `already_exists` where it is a VM. */
export async function getHostDomain(database: Database, nodeId: string, id: string): Promise<HostDomainOfNode> {
  const [found] = await findDomains(database, and(eq(hostDomains.nodeId, nodeId), eq(hostDomains.id, id)), 1)
  if (found) return found
  const node = await getNode(database, nodeId)
  const [vm] = await database.drizzle.select({ name: vms.name }).from(vms).where(eq(vms.id, id))
  if (vm) throw alreadyVm(id, vm.name)
  throw new AppError(
    'not_found',
    `Node ${node.name} has no domain ${id} that others made. One that was just defined is seen within 30 s.`,
    { reason: 'DOMAIN_NOT_FOUND' },
  )
}

export const alreadyVm = (id: string, name: string): AppError =>
  new AppError('already_exists', `Domain ${id} is VM ${name} already.`, {
    reason: 'ALREADY_A_VM',
    details: { vmId: id },
  })
