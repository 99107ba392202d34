import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import { events } from '#db/schema/event.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { aNode, anOperation, aVm, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aSpec, definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { askedInDatabase, createLateUnplugs } from '#worker/node/late-unplugs.ts'

const db = await createTestDatabase()
const mac = '52:54:00:00:00:01'
const spec = aSpec({ disks: [{ sizeGib: 1 }, { sizeGib: 1 }], nics: [{ network: 'default', mac }] })

async function aRunningVm() {
  const claimant = await aNode(db)
  const vm = await aVm(db, claimant.nodeId, { state: 'RUNNING', startedAt: new Date(Date.now() - 60_000), spec })
  const hypervisor = createSimulatedHypervisor()
  await hypervisor.defineVm(definitionOf(vm))
  await hypervisor.startVm(vm.id)
  const devices = askedInDatabase(db, claimant)
  const lateUnplugs = createLateUnplugs({ devices, hypervisor, log: pino({ level: 'silent' }) })
  const plugged = () => {
    const running = hypervisor.contents.vms[vm.id]?.running?.spec
    return [...(running?.disks.map(({ target }) => target) ?? []), ...(running?.nics.map((nic) => nic.mac) ?? [])]
  }
  return { vm, hypervisor, lateUnplugs, plugged }
}

/** Asked for a device that the guest kept then. */
const failedDetach = (vm: { id: string; nodeId: string }, kind: OperationKind, operation: Partial<OperationRow>) =>
  anOperation(db, vm, kind, { status: 'failed', finishedAt: new Date(), ...operation })

const tellingOf = async (vmId: string) => {
  const all = await db.drizzle.select().from(events).where(eq(events.vmId, vmId)).orderBy(asc(events.id))
  return all.filter(({ type }) => type === 'vm.device-unplugged')
}

test.each([
  ['disk.detach', { target: 'vdb' }, 'disk vdb'],
  ['nic.detach', { mac }, `network card ${mac}`],
] as const)('what a guest lets go of after its %s failed comes back, and that is told', async (kind, device, name) => {
  const { vm, hypervisor, lateUnplugs, plugged } = await aRunningVm()
  await failedDetach(vm, kind, { input: device })
  await lateUnplugs.deviceRemoved(vm.id)
  expect(await tellingOf(vm.id)).toEqual([])
  hypervisor.letGo(vm.id, device)
  expect(plugged()).toHaveLength(2)
  await lateUnplugs.deviceRemoved(vm.id)
  await lateUnplugs.lookAtAll()
  expect(plugged()).toEqual(['vda', 'vdb', mac])
  const message = expect.stringContaining(`The guest let go of ${name} after all`)
  expect(await tellingOf(vm.id)).toMatchObject([{ severity: 'warning', actor: 'guest', message, details: device }])
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test('what somebody took out past us, or before the last start, stays out', async () => {
  const { vm, hypervisor, lateUnplugs, plugged } = await aRunningVm()
  await failedDetach(vm, 'disk.detach', { input: { target: 'vdb' }, finishedAt: new Date(Date.now() - 120_000) })
  await failedDetach(vm, 'nic.detach', { input: { mac }, status: 'succeeded' })
  hypervisor.letGo(vm.id, { target: 'vdb' })
  hypervisor.letGo(vm.id, { mac })
  await lateUnplugs.deviceRemoved(vm.id)
  expect(plugged()).toEqual(['vda'])
  expect(await tellingOf(vm.id)).toEqual([])
})

test('a detach that is at work gets what it waits for; when it has failed, its device comes back', async () => {
  const { vm, hypervisor, lateUnplugs, plugged } = await aRunningVm()
  await failedDetach(vm, 'disk.detach', { input: { target: 'vdb' } })
  const again = await anOperation(db, vm, 'disk.detach', { input: { target: 'vdb' } })
  hypervisor.letGo(vm.id, { target: 'vdb' })
  await lateUnplugs.deviceRemoved(vm.id)
  expect(plugged()).toEqual(['vda', mac])
  await db.sql`update operations set status = 'failed', finished_at = now() where id = ${again.id}`
  await lateUnplugs.operationEnded(vm.id)
  expect(plugged()).toEqual(['vda', 'vdb', mac])
})

test('what cannot come back is said with the way out, once', async () => {
  const { vm, hypervisor, lateUnplugs } = await aRunningVm()
  await failedDetach(vm, 'disk.detach', { input: { target: 'vdb' } })
  hypervisor.replugDevice = async () => {
    throw new AppError('failed_precondition', 'No slot is free.', { reason: 'NO_FREE_SLOT' })
  }
  await lateUnplugs.lookAtAll()
  await lateUnplugs.lookAtAll()
  const message = expect.stringMatching(/cannot be plugged in again\. Stop the VM and start it.* No slot is free\./)
  expect(await tellingOf(vm.id)).toMatchObject([{ severity: 'error', message }])
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message })
})
