import { expect } from 'vitest'
import { type Answer, everything, type TestApi } from './test-api.ts'

/** Sends a request that must be refused for that field, among others maybe, and must change nothing. */
export async function requireRefusal(
  { send, database }: Pick<TestApi, 'send' | 'database'>,
  { method, path, body }: { method: string; path: string; body: unknown },
  field: string,
  before: Awaited<ReturnType<typeof everything>>,
): Promise<Answer> {
  const answer = await send(method, path, body)
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({ code: 'invalid_argument', reason: 'INVALID_REQUEST' })
  expect(answer.body.details.problems.map((problem: { field: string }) => problem.field)).toContain(field)
  expect(answer.body.message).toContain(`${field}: `)
  expect(await everything(database)).toEqual(before)
  return answer
}
