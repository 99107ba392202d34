import { expect, test } from 'vitest'
import { newId } from '#db/new-id.ts'

test('an id is a UUIDv7 of its time', () => {
  const id = newId(Date.UTC(2026, 10, 20, 18, 6))
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 20, 18, 6))
})

test('ids of later moments sort later, and no two are the same', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => newId(1_763_000_000_000 + index))
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(Array.from({ length: 10_000 }, () => newId(0))).size).toBe(10_000)
})
