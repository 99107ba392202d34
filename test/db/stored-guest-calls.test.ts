import { expect, test } from 'vitest'
import { dropOldGuestCalls, readGuestAnswer, recordGuestCall, storedGuestCall } from '#db/stored-guest-calls.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'

const db = await createTestDatabase()
const kind = 'agent.ping'
const answer = { connected: true, version: null, uptimeSeconds: null, message: '' }

async function anAnsweredCall(): Promise<string> {
  const operationId = crypto.randomUUID()
  await recordGuestCall(db, testSecretBox, { operationId, kind }, {})
  await storedGuestCall(db, testSecretBox, operationId).answer(kind, answer)
  return operationId
}

test('what a guest answered is forgotten after an hour, and not before', async () => {
  const [old, young] = [await anAnsweredCall(), await anAnsweredCall()]
  await db.sql`update guest_calls set created_at = now() - interval '61 minutes' where operation_id = ${old}`
  await db.sql`update guest_calls set created_at = now() - interval '59 minutes' where operation_id = ${young}`
  expect(await dropOldGuestCalls(db)).toEqual([{ operationId: old }])
  const read = (operationId: string) => readGuestAnswer(db, testSecretBox, { operationId, kind })
  expect([await read(old), await read(young)]).toEqual([null, answer])
})

test('a call is begun once, whoever says so', async () => {
  const operationId = crypto.randomUUID()
  await recordGuestCall(db, testSecretBox, { operationId, kind }, {})
  const begin = () => storedGuestCall(db, testSecretBox, operationId).begin()
  expect((await Promise.all([begin(), begin(), begin()])).sort()).toEqual([false, true, true])
})

test('what is sealed for one operation opens in no other', async () => {
  const place = { operationId: crypto.randomUUID(), kind: 'agent.shutdown' as const }
  const secret = { operationId: crypto.randomUUID(), kind: 'agent.thaw' as const }
  await recordGuestCall(db, testSecretBox, secret, { token: 'a token', runPostThawScripts: false })
  await recordGuestCall(db, testSecretBox, place, { reboot: false })
  await db.sql`update guest_calls set request = (select request from guest_calls where operation_id = ${secret.operationId})
    where operation_id = ${place.operationId}`
  await expect(storedGuestCall(db, testSecretBox, place.operationId).readRequest('agent.thaw')).rejects.toMatchObject({
    reason: 'SECRET_DAMAGED',
  })
})
