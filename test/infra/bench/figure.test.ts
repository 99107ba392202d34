import { describe, expect, test } from 'vitest'
import { type Figure, isReached, jsonLine } from '#infra/bench/figure.ts'
import { alternate, quantile } from '#infra/bench/measure.ts'

const figure = (facts: Partial<Figure>): Figure => ({
  ...{ name: 'call', unit: 'ms', value: 12, reference: 10, goal: null, n: 1, note: '' },
  ...facts,
})

describe('a goal', () => {
  test.each([
    ['value', '≤', 12, true],
    ['value', '≤', 11.9, false],
    ['ratio', '≤', 1.2, true],
    ['ratio', '≥', 1.3, false],
    ['difference', '≤', 2, true],
    ['difference', '≤', 1.9, false],
  ] as const)('for the %s of 12 over 10, %s %d, is reached: %s', (of, is, limit, reached) => {
    expect(isReached(figure({ goal: { of, is, limit } }))).toBe(reached)
  })

  test('that needs a reference is neither reached nor missed without one', () => {
    expect(isReached(figure({ reference: null, goal: { of: 'ratio', is: '≤', limit: 2 } }))).toBeNull()
  })
})

test('a line for programs has everything that was promised', () => {
  const line = jsonLine(figure({ goal: { of: 'difference', is: '≤', limit: 15 } }))
  expect(JSON.parse(line)).toMatchObject({
    ...{ name: 'call', unit: 'ms', value: 12, reference: 10, ratio: 1.2, ok: true },
    goal: '≤ 15 ms over the reference',
  })
})

test('a quantile is a sample: half are below the median, and the slowest one in a hundred is the p99', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(quantile(samples, 0.5)).toBe(51)
  expect(quantile(samples, 0.99)).toBe(100)
  expect(quantile([], 0.5)).toBeNaN()
})

test('contenders take turns, change who is first, and the first round does not count', async () => {
  const turns: string[] = []
  const turn = (name: string) => async () => turns.push(name)
  const measured = await alternate(2, { a: turn('a'), b: turn('b') })
  expect(turns.join('')).toBe('baabba')
  expect(measured).toEqual({ a: [3, 6], b: [4, 5] })
})
