import { expect, test } from 'vitest'
import { operationsOf } from '#test/live/snapshots-model/operation.ts'
import { runOperations } from '#test/live/snapshots-model/run.ts'
import { simulatedDisks } from '#test/live/snapshots-model/simulated-disks.ts'

const seeds = Array.from({ length: 20 }, (_, n) => n + 1)

test.each(seeds)('thousands of operations keep every byte on the simulated node, seed %i', async (seed) => {
  const done = await runOperations(simulatedDisks(), { operations: operationsOf(seed, 300), snapshotsMax: 12 })
  expect(done.length).toBeGreaterThan(150)
})
