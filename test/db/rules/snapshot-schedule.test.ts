import { expect, test } from 'vitest'
import { cronProblem, nextSnapshotTime } from '#db/rules/snapshot-schedule.ts'

const next = (cron: string, after: string) => nextSnapshotTime(cron, new Date(after))?.toISOString()

test.each([
  ['30 3 * * *', '2026-11-20T03:29:59.999Z', '2026-11-20T03:30:00.000Z'],
  ['30 3 * * *', '2026-11-20T03:30:00.000Z', '2026-11-21T03:30:00.000Z'],
  ['*/15 * * * *', '2026-11-20T21:46:10.000Z', '2026-11-20T22:00:00.000Z'],
  ['0 0 1 1 *', '2026-11-20T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['0 12 * * MON', '2026-11-20T00:00:00.000Z', '2026-11-23T12:00:00.000Z'],
  // In the night when Central Europe's clocks go back, 02:30 comes twice there, and once in UTC.
  ['30 2 * * *', '2026-10-25T00:30:00.000Z', '2026-10-25T02:30:00.000Z'],
])('%s after %s is %s, in UTC wherever the machine is', (cron, after, expected) => {
  expect(next(cron, after)).toBe(expected)
})

test.each(['* * * * *', '0 3 L * *', '0 0 29 2 *', '0,30 8-17 * * 1-5'])('a schedule can be %s', (cron) => {
  expect(cronProblem(cron)).toBeNull()
})

test.each([
  ['', 'five fields'],
  ['@daily', 'five fields'],
  ['0 3 * *', 'five fields'],
  ['0 0 3 * * *', 'five fields'],
  ['0  3 * * *', 'five fields'],
  [' 0 3 * * *', 'five fields'],
  ['60 3 * * *', 'minute'],
  ['0 24 * * *', 'hour'],
  ['0 3 * * * ', 'five fields'],
  ['a 3 * * *', 'illegal'],
  ['0 0 30 2 *', 'never comes'],
])('a schedule cannot be "%s", and the reason says: %s', (cron, reason) => {
  expect(cronProblem(cron)).toContain(reason)
})
