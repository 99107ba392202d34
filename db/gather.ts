/**
 * Group commit: an item that finds nothing under way goes at once, with the others of its turn; items that come during a
 * run go together in the next, at most `maxItems` of them. Nothing waits for a clock.
 * `run` answers with one result per item, in their order; one that is a promise may reject for its item alone.
 */
export function gather<Item, Result>(
  run: (items: Item[]) => Promise<(Result | Promise<Result>)[]>,
  maxItems: number,
): (item: Item) => Promise<Result> {
  const waiting: { item: Item; settled: PromiseWithResolvers<Result> }[] = []
  let running = false

  async function runWhileAnyWaits(): Promise<void> {
    running = true
    // Lets the rest of the turn come.
    await null
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxItems)
      try {
        const results = await run(batch.map(({ item }) => item))
        for (const [index, { settled }] of batch.entries()) settled.resolve(results[index] as Result)
      } catch (error) {
        for (const { settled } of batch) settled.reject(error)
      }
    }
    running = false
  }

  return (item) => {
    const settled = Promise.withResolvers<Result>()
    waiting.push({ item, settled })
    if (!running) void runWhileAnyWaits()
    return settled.promise
  }
}
