import { z } from '@hono/zod-openapi'
import { errorSchema, errorsByStatus } from './error-schema.ts'

/** Pieces of the OpenAPI document that routes share. */

/** A success with a JSON body. */
export const json = <Schema extends z.ZodType, Example>(description: string, schema: Schema, example: Example) => ({
  description,
  content: { 'application/json': { schema, example } },
})

const errorResponse = (status: keyof typeof errorsByStatus) =>
  json(errorsByStatus[status].description, errorSchema, errorsByStatus[status].example)

/** The errors of every route that reads a database. */
export const commonErrors = { 500: errorResponse(500), 503: errorResponse(503) }
export const invalidArgument = { 400: errorResponse(400) }
export const notFound = { 404: errorResponse(404) }
export const conflict = { 409: errorResponse(409) }
/** What a request that waits for its operation may be answered with. */
const outcomeErrors = {
  default: json('The error of the operation that was waited for, with the status of its own code.', errorSchema, {
    code: 'not_found',
    message: 'There is no base image debian-12.qcow2 on this node.',
    requestId: errorsByStatus[500].example.requestId,
    reason: 'BASE_IMAGE_NOT_FOUND',
  }),
}
/** The errors of a body, whatever it should say. */
export const bodyErrors = { 413: errorResponse(413), 415: errorResponse(415) }

const operationLocation = z.string().openapi({
  description: 'Where the operation is.',
  example: '/api/v1/operations/019377a0-6e01-7d20-a4c4-1d2e3f405162',
})
const location = z
  .string()
  .openapi({ description: 'Where the resource is.', example: '/api/v1/vms/019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11' })

/** The headers of a 202. */
const acceptedHeaders = z.object({
  Location: location,
  'Operation-Location': operationLocation,
  'Retry-After': z.string().openapi({ description: 'Seconds before it is worth asking again.', example: '1' }),
})

/** The answers of a request that makes an operation: at once, and of one that was waited for and failed. */
export const accepted = <Schema extends z.ZodType, Example>(
  schema: Schema,
  example: Example,
  description = 'Accepted: the operation goes on.',
) => ({
  202: { ...json(description, schema, example), headers: acceptedHeaders },
  ...outcomeErrors,
})

/** The body of a request. */
export const jsonBody = <Schema extends z.ZodType, Example>(schema: Schema, example: Example, required = true) => ({
  required,
  content: { 'application/json': { schema, example } },
})

/** The parameter `Prefer`, read by `waitOf`. */
export const preferParameter = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description:
    '`wait=N` (RFC 7240): wait up to N seconds, at most 30, for the operation, and answer with its outcome. The answer has `Preference-Applied`.',
  schema: { type: 'string' },
  example: 'wait=10',
} as const
