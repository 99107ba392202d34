import { expect, test } from 'vitest'
import type { Snapshot } from '#openapi/sdk/typescript/index.ts'
import { bytes } from '#web/shell/sizes.ts'
import { treeOf } from '#web/snapshots/tree.ts'

const snapshot = (id: string, parentId: string | null, minute: number) =>
  ({ id, parentId, createdAt: `2026-11-20T18:${String(minute).padStart(2, '0')}:00.000Z` }) as Snapshot

test('each snapshot stands below the one that its disks came from, the oldest first', () => {
  const snapshots = [snapshot('c', 'a', 3), snapshot('d', 'b', 4), snapshot('b', 'a', 2), snapshot('a', null, 1)]
  expect(treeOf(snapshots).map(({ snapshot: { id }, depth }) => `${id}${depth}`)).toEqual(['a0', 'b1', 'd2', 'c1'])
})

test('a snapshot whose parent is not among them is shown all the same', () => {
  expect(treeOf([snapshot('b', 'gone', 2)])).toMatchObject([{ depth: 0 }])
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [10 * 1024 ** 3, '10 GiB'],
  [5 * 1024 ** 5, '5120 TiB'],
])('%d bytes are read as %s', (count, text) => {
  expect(bytes(count)).toBe(text)
})
