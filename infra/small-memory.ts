import path from 'node:path'

/** How a program that mostly waits is started, so that it keeps little memory. */
export const smallMemory = {
  nodeArgs: ['--expose-gc', '--import', path.join(import.meta.dirname, 'release-start-memory.ts')],
  // Threads share one arena beside the main one; of its own, each would keep what it once used. mallopt(3), M_ARENA_MAX.
  env: { MALLOC_ARENA_MAX: '2' },
} as const
