import { expect, test } from 'vitest'
import { databaseOutage } from '#db/database-outage.ts'
import { DeadlineError, withinDeadline } from '#db/deadline.ts'

const never = new Promise<never>(() => {})

test('work that never ends is given up, and counts as an outage of what it asked', async () => {
  const error = await withinDeadline(never, 1).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DeadlineError)
  expect(databaseOutage(error)).toMatchObject({ code: 'unavailable' })
})

test('work that ends in time has its own outcome', async () => {
  expect(await withinDeadline(Promise.resolve(1), 60_000)).toBe(1)
  await expect(withinDeadline(Promise.reject(new Error('its own')), 60_000)).rejects.toThrow('its own')
})
