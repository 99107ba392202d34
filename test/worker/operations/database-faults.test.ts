import { expect, test } from 'vitest'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import { sealedSecrets } from '#db/secrets/sealed-secrets.ts'
import { eventually } from '#test/db/eventually.ts'
import { anOperation, aSnapshot, aVm, readOperation } from '#test/db/rows.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { anExecutor, aRunningVm, db } from './an-executor.ts'

type Executor = Awaited<ReturnType<typeof anExecutor>>['executor']

/** Has the operation begin while the database fails in the middle of its step, and go on when it does not any more. */
async function throughFault(executor: Executor, id: string, fault: { begin(): unknown; end(): unknown }) {
  await fault.begin()
  try {
    await executor.wake(id)
    await eventually(async () => (await readOperation(db, id)).status !== 'running')
    expect(await readOperation(db, id)).toMatchObject({ status: 'queued', attempt: 1, error: null })
  } finally {
    await fault.end()
  }
  return eventually(async () => {
    await executor.poll()
    const operation = await readOperation(db, id)
    return operation.finishedAt && operation
  })
}

test('a VM is made although its secrets could not be read at first', async () => {
  const { executor, claimant, hypervisor } = await anExecutor()
  const spec = aSpec({ cloudInit: { userDataSet: true }, display: { passwordSet: true } })
  const vm = await aVm(db, claimant.nodeId, { state: 'CREATING', spec })
  const secrets = await sealedSecrets(testSecretBox, vm.id, { 'cloudInit.userData': '#!', 'display.password': 'a' })
  await db.drizzle.insert(vmSecrets).values((secrets ?? []).map((secret) => ({ vmId: vm.id, ...secret })))
  const { id } = await anOperation(db, vm, 'vm.create')
  const ended = await throughFault(executor, id, {
    begin: () => db.sql`alter table vm_secrets rename to vm_secrets_away`,
    end: () => db.sql`alter table vm_secrets_away rename to vm_secrets`,
  })
  expect(ended).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect(hypervisor.contents.files).toContain(`${vm.id}.seed.iso`)
})

test('a snapshot is deleted although it could not be written down at first that its files are touched', async () => {
  const { executor, claimant, hypervisor } = await anExecutor()
  const vm = await aRunningVm(hypervisor, claimant.nodeId)
  const { id: snapshotId } = await aSnapshot(db, vm.id, { state: 'DELETING' })
  const { id } = await anOperation(db, vm, 'snapshot.delete', { input: { snapshotId } })
  const ended = await throughFault(executor, id, {
    begin: () =>
      db.sql.unsafe(`
      create function refuse() returns trigger as $$ begin raise exception 'the disk is full'; end $$ language plpgsql;
      create trigger refuse before update on operations for each row when (new.steps ? 'begun') execute function refuse()`),
    end: () => db.sql.unsafe('drop trigger refuse on operations; drop function refuse'),
  })
  expect(ended).toMatchObject({ status: 'succeeded', attempt: 2 })
})
