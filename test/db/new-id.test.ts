import { expect, test } from 'vitest'
import { idSource } from '#db/new-id.ts'

const aTime = Date.UTC(2026, 10, 20, 18, 6)

test('an id is a UUIDv7 of its time', () => {
  const id = idSource()(aTime)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(aTime)
})

test.each<[string, (index: number) => number]>([
  ['of later moments', (index) => aTime + index],
  ['of one millisecond', () => aTime],
  ['of a clock that is set back', (index) => aTime - index],
])('ids %s sort as they were made, and no two are the same', (_, timeOf) => {
  const newId = idSource()
  const ids = Array.from({ length: 10_000 }, (_, index) => newId(timeOf(index)))
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})
