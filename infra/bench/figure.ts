/** What a figure must reach: its value, its ratio to the reference, or the difference between the two. */
export interface Goal {
  of: 'value' | 'ratio' | 'difference'
  is: '≤' | '≥'
  limit: number
}

/** One measured figure beside its reference from the same run. */
export interface Figure {
  name: string
  unit: string
  /** Null where it cannot be measured here; `note` then says why. */
  value: number | null
  reference: number | null
  /** Null where none was set. */
  goal: Goal | null
  /** How many samples the value stands on. */
  n: number
  /** What the reference is, or why there is none. */
  note: string
}

export type BenchGroup = (say: (line: string) => void) => AsyncGenerator<Figure>

/** value / reference. */
const ratioOf = ({ value, reference }: Figure): number | null =>
  value === null || reference === null || reference === 0 ? null : value / reference

/** Whether the goal is reached; null where there is none or nothing was measured. */
export function isReached(figure: Figure): boolean | null {
  if (figure.goal === null) return null
  const { of, is, limit } = figure.goal
  const measured = { value: figure.value, ratio: ratioOf(figure), difference: differenceOf(figure) }[of]
  if (measured === null) return null
  return is === '≤' ? measured <= limit : measured >= limit
}

const differenceOf = ({ value, reference }: Figure): number | null =>
  value === null || reference === null ? null : value - reference

function goalText({ goal, unit }: Figure): string {
  if (goal === null) return ''
  const text = `${goal.is} ${goal.limit}`
  switch (goal.of) {
    case 'value':
      return `${text} ${unit}`
    case 'ratio':
      return `ratio ${text}`
    case 'difference':
      return `${text} ${unit} over the reference`
    default:
      return goal.of satisfies never
  }
}

/** One line for programs. */
export const jsonLine = (figure: Figure): string =>
  JSON.stringify({
    name: figure.name,
    unit: figure.unit,
    value: rounded(figure.value),
    reference: rounded(figure.reference),
    ratio: rounded(ratioOf(figure)),
    goal: goalText(figure) || null,
    ok: isReached(figure),
    n: figure.n,
    note: figure.note,
  })

const headings = ['figure', 'value', 'reference', 'unit', 'ratio', 'goal', 'reached', 'n', 'reference is']
const widths = [40, 10, 10, 11, 8, 29, 8, 6]

export const tableHeading = (): string => row(headings)

/** One line for people. */
export function tableRow(figure: Figure): string {
  const reached = isReached(figure)
  return row([
    figure.name,
    shown(figure.value),
    shown(figure.reference),
    figure.unit,
    shown(ratioOf(figure)),
    goalText(figure),
    reached === null ? '' : reached ? 'yes' : 'NO',
    String(figure.n),
    figure.note,
  ])
}

const row = (cells: string[]): string => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' ')
const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(4)))
const shown = (value: number | null): string => (value === null ? '–' : String(rounded(value)))
