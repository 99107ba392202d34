import { describe, expect, test } from 'vitest'
import type { DiskView } from '#worker/hypervisor/libvirt/snapshot/disk-views.ts'
import { type JudgedFile, judgeRunning, judgeStopped } from '#worker/hypervisor/libvirt/snapshot/judge-disk.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'

const isOwn = (file: string) => file.startsWith('/pool/')
const disk = (live: string, inactive: string | null, ...chain: string[]): DiskView => ({
  target: 'vda',
  live,
  inactive,
  open: chain.length > 0 ? { nodeName: 'top', chain } : null,
})

const holding = (volume: string): StoredSnapshot => ({
  snapshotId: `of ${volume}`,
  kind: 'disk-only',
  disks: [{ target: 'vda', volume }],
  memoryVolume: null,
  nvramVolume: null,
})

describe('a disk of a running VM', () => {
  test.for<[string, DiskView, string[], object]>([
    ['all agree', disk('/pool/b', '/pool/b', '/pool/b', '/pool/a'), ['a'], { kind: 'agrees' }],
    [
      'QEMU is one overlay ahead',
      disk('/pool/a', '/pool/a', '/pool/b', '/pool/a'),
      [],
      { kind: 'commit', into: '/pool/a' },
    ],
    [
      'QEMU is two overlays ahead',
      disk('/pool/a', '/pool/a', '/pool/c', '/pool/b', '/pool/a'),
      [],
      { kind: 'commit', into: '/pool/a' },
    ],
    [
      'merging would overwrite a snapshot',
      disk('/pool/a', '/pool/a', '/pool/b', '/pool/a'),
      ['a'],
      { kind: 'problem' },
    ],
    [
      'merging would lose a snapshot',
      disk('/pool/a', '/pool/a', '/pool/c', '/pool/b', '/pool/a'),
      ['b'],
      { kind: 'problem' },
    ],
    ['the overlay is none of ours', disk('/pool/a', '/pool/a', '/else/b', '/pool/a'), [], { kind: 'problem' }],
    ['QEMU has another file altogether', disk('/pool/b', '/pool/b', '/pool/a'), [], { kind: 'problem' }],
    ['QEMU writes to a snapshot', disk('/pool/a', '/pool/a', '/pool/a'), ['a'], { kind: 'problem' }],
    [
      'the next start is behind',
      disk('/pool/b', '/pool/a', '/pool/b', '/pool/a'),
      ['a'],
      { kind: 'redefine', to: '/pool/b' },
    ],
    ['the next start does without it', disk('/pool/a', null, '/pool/a'), [], { kind: 'agrees' }],
    ['the next start takes a foreign file', disk('/pool/a', '/else/a', '/pool/a'), [], { kind: 'problem' }],
  ])('%s', ([, view, held, verdict]) => {
    expect(judgeRunning(view, held.map(holding), isOwn)).toMatchObject(verdict)
  })

  test('QEMU turns back to a file that libvirt knows when nothing was written since it was merged', () => {
    const left = disk('/pool/b', '/pool/b', '/pool/a')
    expect(judgeRunning(left, [], isOwn, (child, parent) => `${child} ${parent}` === '/pool/b /pool/a')).toEqual({
      kind: 'turn-back',
    })
  })
})

describe('a disk of a stopped VM', () => {
  const overlay = (backing: string | null, modifiedAtMs: number, empty = false): JudgedFile => ({
    backing: backing && `/pool/${backing}`,
    empty,
    modifiedAtMs,
  })

  test.for<[string, Record<string, JudgedFile>, string[], object]>([
    ['nothing stands on it', { a: overlay(null, 5) }, [], { kind: 'agrees' }],
    ['an overlay was never written to', { a: overlay(null, 5), b: overlay('a', 9, true) }, [], { kind: 'agrees' }],
    [
      'an overlay was written to later',
      { a: overlay(null, 5), b: overlay('a', 9) },
      [],
      { kind: 'redefine', to: '/pool/b' },
    ],
    [
      'an overlay was written to in the same instant',
      { a: overlay(null, 5), b: overlay('a', 5) },
      [],
      { kind: 'redefine' },
    ],
    [
      'an overlay was written to before',
      { a: overlay(null, 9), b: overlay('a', 5) },
      [],
      { kind: 'compare', overlay: '/pool/b' },
    ],
    ['two were written to', { a: overlay(null, 1), b: overlay('a', 5), c: overlay('a', 6) }, [], { kind: 'problem' }],
    [
      'it holds a snapshot, and the overlay is empty',
      { a: overlay(null, 9), b: overlay('a', 10, true) },
      ['a'],
      { kind: 'redefine' },
    ],
    ['it holds a snapshot, and nothing stands on it', { a: overlay(null, 9) }, ['a'], { kind: 'problem' }],
    [
      'it holds a snapshot, and so does the overlay below the last',
      { a: overlay(null, 1), b: overlay('a', 2), c: overlay('b', 3) },
      ['a', 'b'],
      { kind: 'redefine', to: '/pool/c' },
    ],
    ['only snapshots stand on it', { a: overlay(null, 1), b: overlay('a', 2) }, ['b'], { kind: 'agrees' }],
    ['a damaged chain is a ring', { a: overlay('b', 1), b: overlay('a', 2) }, [], { kind: 'agrees' }],
  ])('%s', ([, files, held, verdict]) => {
    const byPath = new Map(Object.entries(files).map(([name, facts]) => [`/pool/${name}`, facts]))
    expect(judgeStopped(disk('/pool/a', '/pool/a'), held.map(holding), byPath)).toMatchObject(verdict)
  })
})
