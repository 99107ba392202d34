/**
 * A shorter sequence that still fails, by leaving out halves, then quarters, down to single operations (Zeller's ddmin).
 * Ends early when `goesOn` says so.
 */
export async function shrink<T>(
  failing: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  goesOn: (shortest: number) => boolean,
): Promise<readonly T[]> {
  let shortest = failing
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < shortest.length && goesOn(shortest.length); ) {
      const part = [...shortest.slice(0, from), ...shortest.slice(from + size)]
      if (part.length > 0 && (await fails(part))) shortest = part
      else from += size
    }
  }
  return shortest
}
