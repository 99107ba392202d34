import type { ErrorRecord } from '#db/errors.ts'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import { type CpuMode, cpuModes } from '#db/vm-spec.ts'

/** What became of one attempt. */
export type Outcome = { taken: string } | { error: ErrorRecord }

/** A kind of snapshot as users ask for it, and what must come of it in each CPU mode. */
export interface Row {
  title: string
  /** The record of a success: what must have been taken. */
  kind: 'disk-only' | 'memory' | 'offline'
  expected: Record<CpuMode, 'works' | 'refused'>
}

/** The published table of what can be snapshotted how. */
export const rows = [
  { title: 'Disk-only', kind: 'disk-only', expected: { 'host-passthrough': 'works', 'host-model': 'works' } },
  { title: 'With memory', kind: 'memory', expected: { 'host-passthrough': 'refused', 'host-model': 'works' } },
  { title: 'Stopped VM', kind: 'offline', expected: { 'host-passthrough': 'works', 'host-model': 'works' } },
] as const satisfies Row[]

/** The outcomes of a CPU mode by the kinds of snapshot, or why the mode does not run here. */
export type Column = { outcomes: Record<Row['kind'], Outcome> } | { notRun: string }
export type Columns = Record<CpuMode, Column>

/** Whether an attempt ended as the published table has it: the refusal to the byte, a snapshot as the kind that was asked for. */
function isAsPublished(row: Row, mode: CpuMode, outcome: Outcome): boolean {
  if (row.expected[mode] === 'works') return 'taken' in outcome && outcome.taken === row.kind
  return (
    'error' in outcome && outcome.error.code === 'internal' && outcome.error.message === memorySnapshotBlockedMessage
  )
}

/** Every cell that is not as published; a mode that does not run here has none. */
export const deviations = (columns: Columns): string[] =>
  rows.flatMap((row) =>
    cpuModes.flatMap((mode) => {
      const column = columns[mode]
      if ('notRun' in column || isAsPublished(row, mode, column.outcomes[row.kind])) return []
      return [
        `${row.title} on ${mode} ${row.expected[mode] === 'works' ? 'must work' : 'must be refused'}: ${tell(column.outcomes[row.kind])}`,
      ]
    }),
  )

/** The published table, its cells filled with what was measured. */
export function renderTable(columns: Columns): string {
  const modes = [...cpuModes].reverse()
  const lines = [
    ['Snapshot Type', ...modes],
    ...rows.map((row) => [row.title, ...modes.map((mode) => cell(row, mode, columns[mode]))]),
  ]
  const widths = lines[0]?.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0))) ?? []
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const [heading, ...body] = lines.map(
    (line) => `| ${line.map((text, index) => text.padEnd(widths[index] ?? 0)).join(' | ')} |`,
  )
  return [heading, rule, ...body].join('\n')
}

function cell(row: Row, mode: CpuMode, column: Column): string {
  if ('notRun' in column) return '– does not run here'
  const outcome = column.outcomes[row.kind]
  const mark = 'taken' in outcome ? '✓ Works' : '✗ Not supported'
  if (isAsPublished(row, mode, outcome)) return mark
  return 'taken' in outcome
    ? `✓ ${outcome.taken} (must be ${row.expected[mode] === 'works' ? row.kind : 'refused'})`
    : `✗ ${outcome.error.code} (see below)`
}

const tell = (outcome: Outcome) =>
  'taken' in outcome ? `a snapshot was taken, kind ${outcome.taken}` : `${outcome.error.code}: ${outcome.error.message}`
