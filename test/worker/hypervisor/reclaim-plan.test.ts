import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planReclaim, type ReclaimAction, type TreeFile } from '#worker/hypervisor/reclaim-plan.ts'

/** A file with the blocks that were written to it; the rest is read from below. */
interface SimulatedFile {
  backing: string | null
  blocks: ReadonlyMap<number, number>
}

type Tree = ReadonlyMap<string, SimulatedFile>

const blockCount = 8

function read(tree: Tree, name: string | null): (number | undefined)[] {
  const file = name === null ? undefined : tree.get(name)
  if (!file) return Array(blockCount).fill(undefined)
  return read(tree, file.backing).map((below, block) => file.blocks.get(block) ?? below)
}

function act(tree: Tree, action: ReclaimAction): { tree: Tree; copied: number } {
  const next = new Map(tree)
  if (action.kind === 'unlink') {
    next.delete(action.file)
    return { tree: next, copied: 0 }
  }
  const [child, parent] = [fileOf(tree, action.child), fileOf(tree, action.parent)]
  next.set(action.child, { backing: parent.backing, blocks: new Map([...parent.blocks, ...child.blocks]) })
  if (action.kind === 'commit') {
    next.delete(action.parent)
    return { tree: next, copied: child.blocks.size }
  }
  const copied = [...parent.blocks.keys()].filter((block) => !child.blocks.has(block)).length
  return { tree: next, copied }
}

function fileOf(tree: Tree, name: string): SimulatedFile {
  const file = tree.get(name)
  if (!file) throw new Error(`no file ${name}`)
  return file
}

const planned = (tree: Tree, needed: ReadonlySet<string>, parts: (name: string) => Partial<TreeFile>): TreeFile[] =>
  [...tree].map(([name, { backing, blocks }]) => ({
    name,
    backing,
    allocatedBytes: blocks.size,
    needed: needed.has(name),
    open: false,
    pullOverheadBytes: 0,
    ...parts(name),
  }))

/** Each file stands on one before it, or on nothing. */
const trees: fc.Arbitrary<Tree> = fc
  .array(fc.record({ below: fc.nat(), blocks: fc.uniqueArray(fc.nat(blockCount - 1)) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map(
    (files) =>
      new Map(
        files.map(({ below, blocks }, index) => {
          const on = below % (index + 1)
          return [
            `f${index}`,
            { backing: on === 0 ? null : `f${on - 1}`, blocks: new Map(blocks.map((block) => [block, index])) },
          ]
        }),
      ),
  )

const cases = trees.chain((tree) => {
  const names = [...tree.keys()]
  return fc.record({
    tree: fc.constant(tree),
    needed: fc.subarray(names).map((kept) => new Set(kept)),
    pullable: fc.subarray(names).map((kept) => new Set(kept)),
  })
})

const overlaysOf = (tree: Tree, name: string) => [...tree.values()].filter(({ backing }) => backing === name).length

/** The plan to its end; `each` sees every step. */
function run(
  start: Tree,
  needed: ReadonlySet<string>,
  pullable: ReadonlySet<string>,
  each?: (before: Tree, action: ReclaimAction, copied: number) => void,
): Tree {
  let tree = start
  for (let steps = 0; ; steps++) {
    expect(steps, 'the plan does not end').toBeLessThanOrEqual(2 * start.size)
    const action = planReclaim(planned(tree, needed, (name) => ({ pullOverheadBytes: pullable.has(name) ? 0 : 2 })))
    if (!action) return tree
    const done = act(tree, action)
    each?.(tree, action, done.copied)
    tree = done.tree
  }
}

describe('reclaiming files', () => {
  test('changes no content that is needed, at any step', () => {
    fc.assert(
      fc.property(cases, ({ tree, needed, pullable }) => {
        const wanted = [...needed].map((name) => [name, read(tree, name)])
        const end = run(tree, needed, pullable, (before) => {
          expect([...needed].map((name) => [name, read(before, name)])).toEqual(wanted)
        })
        expect([...needed].map((name) => [name, read(end, name)])).toEqual(wanted)
      }),
      { numRuns: 1000 },
    )
  })

  test('leaves nothing that nobody needs but what several files stand on', () => {
    fc.assert(
      fc.property(cases, ({ tree, needed, pullable }) => {
        const end = run(tree, needed, pullable)
        for (const name of end.keys()) {
          if (!needed.has(name)) expect(overlaysOf(end, name), name).toBeGreaterThanOrEqual(2)
        }
        expect([...needed].filter((name) => !end.has(name))).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('copies no more than the smaller side of each merge, where pulling costs nothing besides', () => {
    fc.assert(
      fc.property(cases, ({ tree, needed }) => {
        run(tree, needed, new Set(tree.keys()), (before, action, copied) => {
          if (action.kind === 'unlink') return
          const sides = [fileOf(before, action.child), fileOf(before, action.parent)].map(({ blocks }) => blocks.size)
          expect(copied).toBeLessThanOrEqual(Math.min(...sides))
        })
      }),
      { numRuns: 1000 },
    )
  })

  const chain: Tree = new Map([
    ['low', { backing: null, blocks: new Map([[0, 0]]) }],
    ['high', { backing: 'low', blocks: new Map([[1, 1]]) }],
  ])

  test('unlinks nothing that QEMU has open, and merges nothing that it has half open', () => {
    const open = (...names: string[]) => planned(chain, new Set(), (name) => ({ open: names.includes(name) }))
    expect(planReclaim(open('low', 'high'))).toEqual({ kind: 'pull', child: 'high', parent: 'low' })
    expect(planReclaim(open('high'))).toBeNull()
  })

  test('pulls where both sides are of a size: every name stays', () => {
    expect(planReclaim(planned(chain, new Set(['high']), () => ({})))).toMatchObject({ kind: 'pull' })
  })

  test.for([
    { childBytes: 7, kind: 'commit' },
    { childBytes: 8, kind: 'pull' },
  ] as const)('pulls only where that saves what it costs besides: $kind of $childBytes', ({ childBytes, kind }) => {
    const sizes = new Map([
      ['low', 5],
      ['high', childBytes],
    ])
    const files = planned(chain, new Set(['high']), (name) => ({
      pullOverheadBytes: 3,
      allocatedBytes: sizes.get(name) ?? 0,
    }))
    expect(planReclaim(files)).toEqual({ kind, child: 'high', parent: 'low' })
  })
})
