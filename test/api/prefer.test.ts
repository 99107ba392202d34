import { expect, test } from 'vitest'
import { waitOf } from '#api/http/prefer.ts'

test.each([
  [undefined, 0],
  ['', 0],
  ['wait=10', 10],
  ['Wait=10', 10],
  ['wait="10"', 10],
  ['respond-async, wait=5', 5],
  ['wait=5; foo=bar', 5],
  ['wait = 5', 5],
  ['wait=0', 0],
  ['wait=31', 30],
  ['wait=999999', 30],
  ['wait=9999999', 0],
  ['wait=-1', 0],
  ['wait=1.5', 0],
  ['wait', 0],
  ['return=minimal', 0],
] as const)('Prefer %j asks to wait %d s', (prefer, seconds) => {
  expect(waitOf(prefer)).toBe(seconds)
})
