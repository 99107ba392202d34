import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import {
  type SnapshotCapability,
  type SnapshotFacts,
  snapshotCapabilities,
  snapshotChoice,
  snapshotChoices,
  snapshotRefusal,
} from '#db/rules/snapshot-capabilities.ts'

const flexible = { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null } as const
const performance = { ...flexible, mode: 'host-passthrough', migratable: 'off' } as const

const facts = (given: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  vmId: 'vm-1',
  state: 'RUNNING',
  cpu: flexible,
  diskCount: 1,
  guestAgentConnected: true,
  memoryMib: 1024,
  freeBytes: 2 ** 40,
  snapshots: { count: 0, max: 32 },
  chain: { depth: 0, max: 64 },
  vmRefusal: null,
  ...given,
})

/** For each kind: the reason, or `yes`. */
const answers = (given: Partial<SnapshotFacts>) => {
  const shown = ({ allowed, reason }: SnapshotCapability) => (allowed ? 'yes' : reason)
  return Object.fromEntries(Object.entries(snapshotCapabilities(facts(given))).map(([kind, it]) => [kind, shown(it)]))
}

const live = { memory: 'yes', diskOnly: 'yes', diskOnlyQuiesced: 'yes', offline: 'VM_IS_RUNNING' }
const stopped = {
  memory: 'VM_IS_STOPPED',
  diskOnly: 'VM_IS_STOPPED',
  diskOnlyQuiesced: 'VM_IS_STOPPED',
  offline: 'yes',
}
const none = (reason: string) => ({ memory: reason, diskOnly: reason, diskOnlyQuiesced: reason, offline: reason })
const noDisks = 'VM_HAS_NO_DISKS'

test.each<[string, Partial<SnapshotFacts>, Record<string, string>]>([
  ['runs', {}, live],
  ['is paused', { state: 'PAUSED' }, { ...live, diskOnlyQuiesced: 'VM_IS_PAUSED' }],
  ['is stopped', { state: 'STOPPED', cpu: null, guestAgentConnected: null }, stopped],
  ['runs on the whole CPU', { cpu: performance }, { ...live, memory: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU' }],
  ['runs with a pinned TSC', { cpu: { ...performance, tscFrequencyHz: 1e9 } }, live],
  ['runs on a CPU that is not known yet', { cpu: null }, live],
  ['has no agent', { guestAgentConnected: false }, { ...live, diskOnlyQuiesced: 'GUEST_AGENT_NOT_CONNECTED' }],
  ['has an agent of which nothing is known', { guestAgentConnected: null }, live],
  ['has no disks', { diskCount: 0 }, { ...live, diskOnly: noDisks, diskOnlyQuiesced: noDisks }],
  ['has no disks and is stopped', { diskCount: 0, state: 'STOPPED' }, { ...stopped, offline: noDisks }],
  ['has the most snapshots', { snapshots: { count: 32, max: 32 } }, none('TOO_MANY_SNAPSHOTS')],
  ['has one less than the most', { snapshots: { count: 31, max: 32 } }, live],
  ['has too long a chain', { chain: { depth: 64, max: 64 } }, none('CHAIN_TOO_DEEP')],
  ['finds no room for its memory', { freeBytes: 2 ** 30 }, { ...live, memory: 'NO_SPACE_FOR_MEMORY' }],
  ['finds just room for its memory', { freeBytes: 2 ** 30 + 212_992 }, live],
  ['is on a node that says nothing', { freeBytes: null, memoryMib: null, snapshots: null, chain: null }, live],
  ['may begin nothing', { vmRefusal: new AppError('aborted', 'no', { reason: 'BUSY' }) }, none('BUSY')],
])('of a VM that %s the right kinds can be taken', (_, given, expected) => {
  expect(answers(given)).toEqual(expected)
})

test('what is refused has a sentence and a way out, the same as the error has', () => {
  const refused = [
    { guestAgentConnected: false },
    { state: 'PAUSED' },
    { cpu: performance },
    { freeBytes: 0 },
    { snapshots: { count: 1, max: 1 } },
    { state: 'STOPPED' },
  ] as const satisfies Partial<SnapshotFacts>[]
  for (const given of refused) {
    const capabilities = snapshotCapabilities(facts(given))
    for (const choice of snapshotChoices.filter((kind) => !capabilities[kind].allowed)) {
      const error = snapshotRefusal(choice, facts(given))
      expect(capabilities[choice]).toMatchObject({
        reason: error?.reason,
        message: error?.message,
        remedies: error?.details?.remedies,
      })
      expect(capabilities[choice].remedies.length, `${choice}: ${error?.reason}`).toBeGreaterThan(0)
    }
  }
})

test('the refusal by the CPU is the published text', () => {
  expect(snapshotCapabilities(facts({ cpu: performance })).memory.message).toBe(memorySnapshotBlockedMessage)
})

test('the estimate of a memory snapshot is its memory and an overlay for each disk', () => {
  const { memory, diskOnly } = snapshotCapabilities(facts({ diskCount: 2, memoryMib: 128 }))
  expect(memory.sizeBytes).toBe(128 * 2 ** 20 + 2 * 212_992)
  expect(diskOnly.sizeBytes).toBe(2 * 212_992)
  expect(snapshotCapabilities(facts({ memoryMib: null })).memory.sizeBytes).toBeNull()
})

test.each([
  ['STOPPED', true, false, 'offline'],
  ['STOPPED', false, true, 'offline'],
  ['RUNNING', true, false, 'memory'],
  ['PAUSED', true, false, 'memory'],
  ['RUNNING', false, true, 'diskOnlyQuiesced'],
  ['RUNNING', false, false, 'diskOnly'],
] as const)(
  'of a %s VM with memory %s and quiesce %s, %s is asked for',
  (state, includeMemory, mustQuiesce, choice) => {
    expect(snapshotChoice(state, { includeMemory, mustQuiesce })).toBe(choice)
  },
)
