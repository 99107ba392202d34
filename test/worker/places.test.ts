import { expect, test } from 'vitest'
import { createPlaces } from '#worker/places.ts'

test('a place goes to who waits longest', async () => {
  const places = createPlaces(1)
  await places.take()
  const order: string[] = []
  const waits = ['first', 'second'].map((name) => places.take().then(() => order.push(name)))
  places.give()
  await waits[0]
  expect(order).toEqual(['first'])
  places.give()
  await waits[1]
  expect(order).toEqual(['first', 'second'])
})

test('who waits no longer takes no place', async () => {
  const places = createPlaces(1)
  await places.take()
  const leaving = new AbortController()
  const gone = places.take(leaving.signal)
  const next = places.take()
  leaving.abort(new Error('left'))
  await expect(gone).rejects.toThrow('left')
  places.give()
  await next
  places.give()
  expect(places.free).toBe(1)
})
