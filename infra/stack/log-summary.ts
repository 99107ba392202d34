/** pino's levels. https://getpino.io/#/docs/api?id=level-string */
const warning = 40
const levels: Record<number, string> = { 40: 'warning', 50: 'error', 60: 'fatal' }

/** The log file has the rest. */
const shownLength = 300

/** What the console shows of a line of a program's log: warnings and worse, in short; null for all else. */
export function consoleSummary(line: string): string | null {
  const entry = parse(line)
  if (!entry || typeof entry.level !== 'number' || entry.level < warning) return null
  const cause = entry.err?.message !== undefined && entry.err.message !== entry.msg ? `: ${entry.err.message}` : ''
  const text = `${levels[entry.level] ?? `level ${entry.level}`}: ${entry.msg ?? ''}${cause}`.replace(/\s+/g, ' ')
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)} …`
}

function parse(line: string): { level?: unknown; msg?: string; err?: { message?: string } } | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
