import fc from 'fast-check'
import type { Fault } from './fault.ts'
import { slots } from './slots.ts'

/**
 * What may be done to a VM. An operation says nothing of the VM as it is: `pick` chooses among what there is then, and
 * what does not apply is left out. So every part of a sequence is a sequence.
 */
export type Operation =
  | { do: 'write'; disk: number; slot: number; value: number }
  | { do: 'change NVRAM'; value: number }
  | { do: 'snapshot'; includeMemory: boolean; prefersQuiesce: boolean; fault: Fault | null }
  | { do: 'revert'; pick: number; startAfterRevert: boolean; discardCurrent: boolean; fault: Fault | null }
  /** `killedAfterMs`: QEMU is killed so long after the delete began, or after its end where it took less. */
  | { do: 'delete'; pick: number; killedAfterMs: number | null; fault: Fault | null }
  | { do: 'start' }
  | { do: 'stop' }
  | { do: 'kill QEMU' }
  | { do: 'suspend' }
  | { do: 'resume' }
  | { do: 'restart worker' }

const disk = fc.nat({ max: 1 })
const slot = fc.nat({ max: slots.length - 1 })
const value = fc.integer({ min: 1, max: 255 })
/** The newest as often as all others: what stands right below a disk is where most can go wrong. */
const pick = fc.oneof(fc.constant(0), fc.nat({ max: 1000 }))
const often = fc.boolean()
const seldom = fc.nat({ max: 7 }).map((n) => n === 0)
const killedAfterMs = fc.option(fc.oneof(fc.constant(60_000), fc.nat({ max: 300 })), { freq: 2 })

/** At a moment of one of the steps that the operation has. */
const faultIn = (...steps: string[]): fc.Arbitrary<Fault | null> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record<Fault>({
        step: fc.constantFrom(...steps),
        moment: fc.constantFrom('before', 'after'),
        effect: fc.constantFrom('fail', 'restart worker'),
      }),
    },
  )

const weighted: { weight: number; arbitrary: fc.Arbitrary<Operation> }[] = [
  { weight: 28, arbitrary: fc.record({ do: fc.constant('write'), disk, slot, value }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('change NVRAM'), value }) },
  {
    weight: 17,
    arbitrary: fc.record({
      do: fc.constant('snapshot'),
      includeMemory: often,
      prefersQuiesce: seldom,
      fault: faultIn('take'),
    }),
  },
  {
    weight: 13,
    arbitrary: fc.record({
      do: fc.constant('revert'),
      pick,
      startAfterRevert: often,
      discardCurrent: often,
      fault: faultIn('revert', 'reclaim'),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({ do: fc.constant('delete'), pick, killedAfterMs, fault: faultIn('reclaim') }),
  },
  { weight: 30, arbitrary: fc.constant({ do: 'start' }) },
  { weight: 4, arbitrary: fc.constant({ do: 'stop' }) },
  { weight: 2, arbitrary: fc.constant({ do: 'kill QEMU' }) },
  { weight: 3, arbitrary: fc.constant({ do: 'suspend' }) },
  { weight: 8, arbitrary: fc.constant({ do: 'resume' }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart worker' }) },
]

/** The same operations for the same seed. */
export const operationsOf = (seed: number, count: number): Operation[] =>
  fc.sample(fc.oneof(...weighted), { seed, numRuns: count })
