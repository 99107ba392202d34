import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { VmSpec } from '#db/vm-spec.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { aNode, aSnapshot, aVm } from './rows.ts'

const db = await createTestDatabase()
const { nodeId } = await aNode(db)

const violation = (constraint: string) => ({ cause: { constraint_name: constraint } })

test.each([
  ['unknown', { ...aSpec(), cpuMode: 'host' }],
  ['missing', { ...aSpec(), cpuMode: undefined }],
])('a VM whose CPU mode is %s cannot be stored', async (_, spec) => {
  await expect(aVm(db, nodeId, { spec: spec as VmSpec })).rejects.toMatchObject(violation('vms_cpu_mode'))
})

test('two VMs cannot have one name', async () => {
  const { name } = await aVm(db, nodeId)
  await expect(aVm(db, nodeId, { name })).rejects.toMatchObject(violation('vms_name_unique'))
})

test('a VM cannot be on a node that does not exist', async () => {
  await expect(aVm(db, randomUUID())).rejects.toMatchObject(violation('vms_node_id_nodes_id_fk'))
})

test('a snapshot cannot be of a VM that does not exist', async () => {
  await expect(aSnapshot(db, randomUUID())).rejects.toMatchObject(violation('snapshots_vm_id_vms_id_fk'))
})

test('two snapshots of a VM cannot have one name, unless one has failed', async () => {
  const vm = await aVm(db, nodeId)
  await aSnapshot(db, vm.id, { name: 'one', state: 'FAILED' })
  await aSnapshot(db, vm.id, { name: 'one' })
  await expect(aSnapshot(db, vm.id, { name: 'one' })).rejects.toMatchObject(violation('snapshots_name_unique'))
})
