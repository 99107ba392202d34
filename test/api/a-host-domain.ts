import { randomUUID } from 'node:crypto'
import { type HostDomainRow, hostDomains } from '#db/schema/host-domain.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { one, type TestApi } from './test-api.ts'

/** A domain that somebody made on the node, as its worker reports it. */
export async function aHostDomain(
  { database, node }: Pick<TestApi, 'database' | 'node'>,
  given: Partial<HostDomainRow> = {},
): Promise<HostDomainRow> {
  const id = given.id ?? randomUUID()
  const [row] = await database.drizzle
    .insert(hostDomains)
    .values({
      nodeId: node.id,
      name: `domain-${id.slice(0, 8)}`,
      description: 'made by hand',
      state: 'RUNNING',
      persistent: true,
      autostart: false,
      managedSave: false,
      hasSnapshots: false,
      spec: { ...aSpec(), cpuMode: 'custom' },
      unmanaged: { devices: ['hostdev'], disks: ['vda'] },
      drives: [{ target: 'vda', device: 'disk', bus: 'virtio', format: 'raw', source: 'file', name: 'web.img' }],
      sharesDiskWith: [],
      ...given,
      id,
    })
    .returning()
  return one(row)
}

export const domainsOf = (nodeId: string) => `/api/v1/nodes/${nodeId}/domains`

export const adoptDomain = (
  { send }: Pick<TestApi, 'send'>,
  { id, nodeId }: Pick<HostDomainRow, 'id' | 'nodeId'>,
  body?: object,
) => send('POST', `${domainsOf(nodeId)}/${id}/adopt`, body)
