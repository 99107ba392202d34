import { Cron } from 'croner'

/**
 * The first time after a moment that a cron expression of five fields names, in UTC; null where there is none.
 * Throws for what is no such expression.
 */
export const nextSnapshotTime = (cron: string, after: Date): Date | null =>
  new Cron(cron, { mode: '5-part', timezone: 'UTC' }).nextRun(after)

/** What is wrong with a cron expression, for people; null where a schedule can have it. */
export function cronProblem(cron: string): string | null {
  // Croner also takes names like @daily, and more or fewer spaces than one.
  if (!/^[^\s@]+( [^\s@]+){4}$/.test(cron)) return 'must have five fields with one space between them, like 30 3 * * *'
  try {
    return nextSnapshotTime(cron, new Date(0)) ? null : 'names a time that never comes'
  } catch (error) {
    return `is no cron expression: ${(error as Error).message.replace(/^CronPattern: /, '')}`
  }
}

/** The name of a scheduled snapshot: the minute that it was due. */
export const scheduledSnapshotName = (dueAt: Date): string => `scheduled-${dueAt.toISOString().slice(0, 16)}Z`
