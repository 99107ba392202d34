import type { Draft, Problem } from './draft.ts'

/** What each step of the wizard is given. */
export interface StepProps {
  draft: Draft
  change(part: Partial<Draft>): void
  /** By field; shown once the step was left. */
  problems: Partial<Record<Problem['field'], string>>
}
