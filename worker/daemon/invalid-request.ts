import type { z } from 'zod'
import { AppError } from '#db/errors.ts'

/** One thing that is wrong with a request; an issue of zod's is one. */
export interface FieldProblem {
  path: readonly PropertyKey[]
  message: string
}

/** The refusal of a request, naming each field that is wrong. `what` cannot be done, for people; `reason` is for programs. */
export function invalidRequest(what: string, reason: string, problems: readonly FieldProblem[]): AppError {
  const fields = problems.map(({ path, message }) => `${path.join('.')} ${message}`)
  return new AppError('invalid_argument', `${what}: ${fields.join('; ')}.`, { reason, details: { fields } })
}

/** What a request asks for. Throws `invalidRequest` for one that does not fit the schema. */
export function readFields<Schema extends z.ZodType>(
  schema: Schema,
  request: unknown,
  refuse: (problems: readonly FieldProblem[]) => AppError,
): z.output<Schema> {
  const parsed = schema.safeParse(request)
  if (parsed.success) return parsed.data
  throw refuse(parsed.error.issues)
}
