import type { Hook } from '@hono/zod-openapi'
import type { z } from 'zod'
import type { ApiEnv } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'

/** One thing that is wrong with a request: which field, and why. */
export interface FieldProblem {
  field: string
  message: string
}

/** How many problems one answer names. */
const maxProblems = 20

/** Refuses a request that does not fit its schema, naming every field that is wrong. */
export const refuseInvalid: Hook<unknown, ApiEnv, string, unknown> = (result) => {
  if (!result.success) throw invalidRequest(result.error.issues)
}

/** The refusal of a request, whose fields these issues name. */
export function invalidRequest(issues: readonly Issue[]): AppError {
  const problems = issues.flatMap(problemsOf).slice(0, maxProblems)
  return new AppError('invalid_argument', problems.map(({ field, message }) => `${field}: ${message}`).join('\n'), {
    reason: 'INVALID_REQUEST',
    details: { problems },
  })
}

type Issue = z.core.$ZodIssue | { code: 'custom'; path: PropertyKey[]; message: string }

function problemsOf(issue: Issue): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: fieldName([...issue.path, key]), message: 'unknown field' }))
  }
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return [{ field: fieldName(issue.path), message: missing ? 'is required' : lowerFirst(issue.message) }]
}

/** `spec.disks[0].sizeGib`; a long or odd name of an unknown field is cut and quoted. */
function fieldName(path: PropertyKey[]): string {
  if (path.length === 0) return 'body'
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`
    const key = /^\w{1,64}$/.test(String(part)) ? String(part) : JSON.stringify(String(part).slice(0, 64))
    return name === '' ? key : `${name}.${key}`
  }, '')
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
