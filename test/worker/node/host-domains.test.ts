import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { registerNode } from '#db/nodes.ts'
import { hostDomains } from '#db/schema/host-domain.ts'
import { aNode, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { aDefinition, definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { createHostDomains } from '#worker/node/host-domains.ts'

const db = await createTestDatabase()
const log = pino({ level: 'silent' })

async function aWorker() {
  const claimant = await aNode(db)
  const listed: number[] = []
  const hypervisor = createSimulatedHypervisor({
    onCall: (call, moment) => call === 'listHostDomains' && moment === 'before' && listed.push(Date.now()),
  })
  const rows = () =>
    db.drizzle.select().from(hostDomains).where(eq(hostDomains.nodeId, claimant.nodeId)).orderBy(asc(hostDomains.name))
  return { claimant, hypervisor, listed, rows, hostDomains: createHostDomains({ db, hypervisor, claimant, log }) }
}

test('what others made is written down, what changed is changed, and what is gone is gone', async () => {
  const { hypervisor, rows, hostDomains } = await aWorker()
  const definition = aDefinition({ name: 'a' })
  const other = aDefinition({ name: 'b' })
  hypervisor.makeForeign({ definition, autostart: true, unmanaged: { devices: ['hostdev'], disks: ['vda'] } })
  hypervisor.makeForeign({ definition: other, state: 'RUNNING' })
  await hostDomains.look()
  expect(await rows()).toMatchObject([
    { id: definition.vmId, name: 'a', state: 'STOPPED', autostart: true, spec: definition.spec },
    { id: other.vmId, name: 'b', state: 'RUNNING', unmanaged: { devices: [], disks: ['vda'] } },
  ])
  const [first] = await rows()
  expect(first?.unmanaged).toEqual({ devices: ['hostdev'], disks: ['vda'] })

  hypervisor.changeUnasked(definition.vmId, 'RUNNING')
  hypervisor.changeUnasked(other.vmId, 'STOPPED')
  hypervisor.changeUnasked(other.vmId, 'undefined')
  await hostDomains.look()
  expect(await rows()).toMatchObject([{ id: definition.vmId, state: 'RUNNING', firstSeenAt: first?.firstSeenAt }])

  hypervisor.changeUnasked(definition.vmId, 'STOPPED')
  hypervisor.changeUnasked(definition.vmId, 'undefined')
  await hostDomains.look()
  expect(await rows()).toEqual([])
})

test('no VM that Quantix made is among them, and what happens to one makes nobody look', async () => {
  const { claimant, hypervisor, listed, rows, hostDomains } = await aWorker()
  const vm = await aVm(db, claimant.nodeId)
  await hypervisor.defineVm(definitionOf(vm))
  await hostDomains.look()
  expect(await rows()).toEqual([])
  expect(listed).toHaveLength(1)
  await hostDomains.happenedTo(vm.id)
  expect(listed).toHaveLength(1)
  await hostDomains.happenedTo(randomUUID())
  expect(listed).toHaveLength(2)
})

test('a VM that was adopted stays among them, so that it is there when it is released', async () => {
  const { claimant, hypervisor, rows, hostDomains } = await aWorker()
  const definition = aDefinition({ name: 'adopted' })
  hypervisor.makeForeign({ definition })
  await aVm(db, claimant.nodeId, { id: definition.vmId, unmanaged: { devices: [], disks: [] } })
  await hostDomains.look()
  expect(await rows()).toMatchObject([{ id: definition.vmId }])
})

test('a domain says which adopted VM, and whose file of the pool, it shares a disk with', async () => {
  const { claimant, hypervisor, rows, hostDomains } = await aWorker()
  const adopted = aDefinition({ name: 'adopted' })
  const sharing = aDefinition({ name: 'sharing' })
  const owner = randomUUID()
  hypervisor.makeForeign({ definition: adopted, writesTo: ['/srv/a', '/srv/b'] })
  hypervisor.makeForeign({ definition: sharing, writesTo: ['/srv/b'], sharesDiskWith: [owner] })
  await hostDomains.look()
  expect((await rows()).map(({ sharesDiskWith }) => sharesDiskWith)).toEqual([[], [owner]])
  await aVm(db, claimant.nodeId, { id: adopted.vmId, unmanaged: { devices: [], disks: [] } })
  await hostDomains.look()
  expect((await rows()).map(({ sharesDiskWith }) => sharesDiskWith)).toEqual([[], [owner, adopted.vmId]])
})

test('nothing is written where nothing changed, and all is written by the next worker', async () => {
  const { claimant, hypervisor, rows, hostDomains } = await aWorker()
  hypervisor.makeForeign({ definition: aDefinition({ name: 'same' }) })
  await hostDomains.look()
  await db.sql`delete from host_domains where node_id = ${claimant.nodeId}`
  await hostDomains.look()
  expect(await rows()).toEqual([])
  await createHostDomains({ db, hypervisor, claimant, log }).look()
  expect(await rows()).toMatchObject([{ name: 'same' }])
})

test('a worker whose node another one has writes nothing and removes nothing', async () => {
  const { claimant, hypervisor, rows, hostDomains } = await aWorker()
  const definition = aDefinition({ name: 'before' })
  hypervisor.makeForeign({ definition })
  await hostDomains.look()
  await registerNode(db, claimant.nodeId, someNodeFacts())
  hypervisor.changeUnasked(definition.vmId, 'undefined')
  hypervisor.makeForeign({ definition: aDefinition({ name: 'after' }) })
  await hostDomains.look()
  expect(await rows()).toMatchObject([{ name: 'before' }])
})

test('what happens while it looks is seen by a look after it, however much happens', async () => {
  const { hypervisor, listed, rows, hostDomains } = await aWorker()
  const first = hostDomains.look()
  while (listed.length === 0) await setImmediate()
  hypervisor.makeForeign({ definition: aDefinition({ name: 'late' }) })
  await Promise.all([first, ...Array.from({ length: 20 }, () => hostDomains.happenedTo(randomUUID()))])
  expect(await rows()).toMatchObject([{ name: 'late' }])
  expect(listed).toHaveLength(2)
})
