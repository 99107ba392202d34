import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { events } from '#db/schema/event.ts'
import { vms } from '#db/schema/vm.ts'
import { aNode, aVm, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aSpec, definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { adoptDrawnMacs } from '#worker/node/drawn-macs.ts'

const db = await createTestDatabase()
const drawn = ['52:54:00:aa:aa:01', '52:54:00:aa:aa:02']

/** A VM of two cards; its row has addresses like the migration made them up, where asked. */
async function aVmWithNics({ madeUp = true } = {}) {
  const claimant = await aNode(db)
  const spec = aSpec({ nics: drawn.map((mac) => ({ network: 'default', mac })) })
  const vm = await aVm(db, claimant.nodeId, { spec })
  const hypervisor = createSimulatedHypervisor()
  await hypervisor.defineVm(definitionOf(vm))
  if (madeUp) {
    await db.sql`
      update vms set spec = jsonb_set(spec, '{nics}', (
        select jsonb_agg(item || jsonb_build_object('mac', concat_ws(':', '52:54:00', substr(md5(id::text || n), 1, 2),
          substr(md5(id::text || n), 3, 2), substr(md5(id::text || n), 5, 2))) order by n)
        from jsonb_array_elements(spec -> 'nics') with ordinality as nic (item, n)))
      where id = ${vm.id}`
  }
  const adopt = () => adoptDrawnMacs({ db, hypervisor, claimant })
  const macs = async () => (await readVm(db, vm.id))?.spec.nics.map(({ mac }) => mac)
  return { vm, hypervisor, adopt, macs }
}

test('a spec takes the addresses that its VM really has, and its history tells nothing', async () => {
  const { vm, adopt, macs } = await aVmWithNics()
  expect(await macs()).not.toEqual(drawn)
  await adopt()
  expect(await macs()).toEqual(drawn)
  expect((await readVm(db, vm.id))?.spec).toEqual(vm.spec)
  expect(await db.drizzle.select().from(events).where(eq(events.vmId, vm.id))).toEqual([])
})

test('a VM whose addresses were given by the API is not even looked at', async () => {
  const { vm, hypervisor, adopt, macs } = await aVmWithNics({ madeUp: false })
  hypervisor.findMacs = () => expect.fail('it was asked')
  await adopt()
  expect(await macs()).toEqual(drawn)
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test('a VM that its node does not have, or with other cards, keeps what it has', async () => {
  const { vm, hypervisor, adopt, macs } = await aVmWithNics()
  const before = await macs()
  for (const found of [null, drawn.slice(1)]) {
    hypervisor.findMacs = async () => found
    await adopt()
    expect(await macs()).toEqual(before)
  }
  expect(await db.drizzle.$count(vms, eq(vms.id, vm.id))).toBe(1)
})
