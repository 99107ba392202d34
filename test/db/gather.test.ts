import { expect, test } from 'vitest'
import { gather } from '#db/gather.ts'

/** Runs that are ended by hand, and the items that each was given. */
function runsByHand(maxItems = 100) {
  const runs: { items: string[]; end: PromiseWithResolvers<(string | Promise<string>)[]> }[] = []
  const add = gather<string, string>((items) => {
    const end = Promise.withResolvers<(string | Promise<string>)[]>()
    runs.push({ items, end })
    return end.promise
  }, maxItems)
  /** Ends the run that was begun last, each item answered with itself and an exclamation mark. */
  const end = () => {
    const last = runs.at(-1)
    last?.end.resolve(last.items.map((item) => `${item}!`))
  }
  return { add, runs, end, given: () => runs.map(({ items }) => items) }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('an item that finds nothing under way goes within its turn', async () => {
  const { add, given } = runsByHand()
  void add('a')
  await null
  expect(given()).toEqual([['a']])
})

test('items of one turn go together, in their order, and each gets its own result', async () => {
  const { add, end, given } = runsByHand()
  const results = Promise.all(['a', 'b', 'c'].map(add))
  await settle()
  end()
  expect(await results).toEqual(['a!', 'b!', 'c!'])
  expect(given()).toEqual([['a', 'b', 'c']])
})

test('items that come during a run go together in the next, and not before it ends', async () => {
  const { add, end, given } = runsByHand()
  const first = add('a')
  await settle()
  const second = add('b')
  await settle()
  const third = add('c')
  await settle()
  expect(given()).toEqual([['a']])
  end()
  expect(await first).toBe('a!')
  await settle()
  end()
  expect(await Promise.all([second, third])).toEqual(['b!', 'c!'])
  expect(given()).toEqual([['a'], ['b', 'c']])
})

test('a run takes no more items than it may, and what is left over goes in the next', async () => {
  const { add, end, given } = runsByHand(2)
  const results = Promise.all(['a', 'b', 'c', 'd', 'e'].map(add))
  for (let runs = 0; runs < 3; runs++) {
    await settle()
    end()
  }
  expect(await results).toEqual(['a!', 'b!', 'c!', 'd!', 'e!'])
  expect(given()).toEqual([['a', 'b'], ['c', 'd'], ['e']])
})

test('a run that fails fails its own items alone', async () => {
  const { add, runs, end } = runsByHand()
  const failing = Promise.allSettled([add('a'), add('b')])
  await settle()
  const next = add('c')
  const reason = new Error('lost')
  runs[0]?.end.reject(reason)
  expect(await failing).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
  ])
  await settle()
  end()
  expect(await next).toBe('c!')
})

test('a result that is a promise may fail for its item alone, and holds up no other run', async () => {
  const { add, runs, end } = runsByHand()
  const [pending, fine] = [add('a'), add('b')]
  await settle()
  const late = Promise.withResolvers<string>()
  runs[0]?.end.resolve([late.promise, 'fine'])
  expect(await fine).toBe('fine')
  const next = add('c')
  await settle()
  end()
  expect(await next).toBe('c!')
  late.reject(new Error('odd'))
  await expect(pending).rejects.toThrow('odd')
})
