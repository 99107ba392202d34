import { expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import { type Columns, deviations, renderTable } from '#infra/tour/table.ts'

const refusal = { error: { code: 'internal', message: memorySnapshotBlockedMessage } } as const
const flexible = {
  outcomes: { 'disk-only': { taken: 'disk-only' }, memory: { taken: 'memory' }, offline: { taken: 'offline' } },
}
const performance = { outcomes: { ...flexible.outcomes, memory: refusal } }
const asPublished: Columns = { 'host-model': flexible, 'host-passthrough': performance }

test('what is as published gives the published table and no deviation', () => {
  expect(deviations(asPublished)).toEqual([])
  expect(renderTable(asPublished)).toBe(
    [
      '| Snapshot Type | host-passthrough | host-model |',
      '|---------------|------------------|------------|',
      '| Disk-only     | ✓ Works          | ✓ Works    |',
      '| With memory   | ✗ Not supported  | ✓ Works    |',
      '| Stopped VM    | ✓ Works          | ✓ Works    |',
    ].join('\n'),
  )
})

test.each<[string, Columns['host-model'], Columns['host-passthrough'], string]>([
  [
    'a memory snapshot that host-passthrough should have refused',
    flexible,
    flexible,
    'With memory on host-passthrough must be refused: a snapshot was taken, kind memory',
  ],
  [
    'a refusal with another text',
    flexible,
    { outcomes: { ...performance.outcomes, memory: { error: { code: 'internal', message: 'No' } } } },
    'With memory on host-passthrough must be refused: internal: No',
  ],
  [
    'a failure where it should work',
    { outcomes: { ...flexible.outcomes, offline: { error: { code: 'unavailable', message: 'Broken' } } } },
    performance,
    'Stopped VM on host-model must work: unavailable: Broken',
  ],
  [
    'another kind of snapshot than was asked for',
    { outcomes: { ...flexible.outcomes, memory: { taken: 'disk-only' } } },
    performance,
    'With memory on host-model must work: a snapshot was taken, kind disk-only',
  ],
])('%s is a deviation', (_, hostModel, hostPassthrough, deviation) => {
  const columns = { 'host-model': hostModel, 'host-passthrough': hostPassthrough }
  expect(deviations(columns)).toEqual([deviation])
  expect(renderTable(columns)).not.toBe(renderTable(asPublished))
})

test('a CPU mode that does not run here is said, and is no deviation', () => {
  const columns: Columns = { 'host-model': flexible, 'host-passthrough': { notRun: 'no KVM' } }
  expect(deviations(columns)).toEqual([])
  expect(renderTable(columns)).toContain('| With memory   | – does not run here | ✓ Works    |')
})
