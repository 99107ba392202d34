import { connectLibvirt } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { startControlPlane } from './control-plane.ts'
import type { BenchGroup, Figure } from './figure.ts'
import { alternate, median } from './measure.ts'
import type { SnapshotTurn } from './snapshot-turn.ts'
import { apiSnapshots } from './snapshots-api.ts'
import { bareSnapshots } from './snapshots-bare.ts'

const depths = [1, 8, 24]
const rounds = 8

/** Snapshot, revert and delete of a running VM through the API, beside the bare libvirt calls, in chains of several depths. */
export const benchSnapshots: BenchGroup = async function* (say) {
  const plane = await startControlPlane('redis', say)
  const connection = await connectLibvirt(plane.host.uri)
  try {
    const ours = await apiSnapshots(plane, connection)
    const bare = await bareSnapshots(connection, ours.vmId)
    for (const depth of depths) {
      say(`snapshots: a chain of ${depth} …`)
      for (const contender of [ours, bare]) await contender.deepen(depth)
      const turns = await alternate(rounds, { ours: () => ours.turn(), bare: () => bare.turn() })
      yield* figuresAt(depth, turns.ours, turns.bare)
    }
  } finally {
    connection.close()
    await plane.stop()
  }
}

function* figuresAt(depth: number, ours: SnapshotTurn[], bare: SnapshotTurn[]): Generator<Figure> {
  const of = (turns: SnapshotTurn[], part: keyof SnapshotTurn) => median(turns.map((turn) => turn[part]))
  const common = { n: ours.length, goal: { of: 'ratio', is: '≤', limit: 1.5 } } as const
  const parts = { snapshotMs: 'disk-only snapshot', revertMs: 'revert, start', deleteMs: 'delete' } as const
  for (const part of ['snapshotMs', 'revertMs', 'deleteMs'] as const) {
    yield {
      ...common,
      name: `${parts[part]}, chain of ${depth}`,
      unit: 'ms',
      value: of(ours, part),
      reference: of(bare, part),
      note: 'the bare libvirt calls',
    }
  }
  yield {
    name: `pause, chain of ${depth}`,
    unit: 'ms',
    value: of(ours, 'pauseMs'),
    reference: of(bare, 'pauseMs'),
    goal: null,
    n: ours.length,
    note: 'the bare call: the rest is what any operation takes',
  }
  yield {
    ...common,
    name: `bytes copied by delete, chain of ${depth}`,
    unit: 'MiB',
    value: of(ours, 'copiedBytes') / 2 ** 20,
    reference: of(ours, 'smallerBytes') / 2 ** 20,
    goal: { of: 'ratio', is: '≤', limit: 1 },
    note: 'the smaller side of the merge',
  }
}
