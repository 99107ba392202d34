import { z } from '@hono/zod-openapi'
import { errorCodes } from '#db/errors.ts'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'

/** What of an error an operation or a snapshot keeps. */
export const errorRecordSchema = z
  .object({
    code: z.enum(errorCodes).openapi({ description: 'A Connect/gRPC code in lower snake case.' }),
    message: z.string().openapi({ description: 'For people: what happened, why, and what to do.' }),
    reason: z.string().optional().openapi({ description: 'For programs: a stable word.' }),
    details: z.record(z.string(), z.unknown()).optional().openapi({ description: 'Facts that belong to the reason.' }),
  })
  .openapi('ErrorRecord')

/** The body of every answer that is not a success. */
export const errorSchema = z
  .object({
    ...errorRecordSchema.shape,
    requestId: z.string().openapi({ description: 'Of this request, as in the header X-Request-Id.' }),
  })
  .openapi('Error')

type ErrorBody = z.infer<typeof errorSchema>

const requestId = 'b0a1f2c3-1d2e-4f50-8a9b-0c1d2e3f4a5b'

/** Why each status is answered, with one example. */
export const errorsByStatus = {
  400: {
    description: 'The request does not fit the schema: `details.problems` names each field.',
    example: {
      code: 'invalid_argument',
      message: 'spec.cpu.cores: too small: expected number to be >=1',
      requestId,
      reason: 'INVALID_REQUEST',
      details: { problems: [{ field: 'spec.cpu.cores', message: 'too small: expected number to be >=1' }] },
    },
  },
  404: {
    description: 'There is no such resource.',
    example: {
      code: 'not_found',
      message: 'VM 019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11 does not exist.',
      requestId,
      reason: 'VM_NOT_FOUND',
    },
  },
  409: {
    description:
      'The state of things does not allow it: the name is taken, the VM is in another state, an operation is unfinished, or the CPU that runs forbids a memory snapshot.',
    example: {
      code: 'aborted',
      message: 'VM web-1 has an unfinished operation (vm.start). Wait for it, then try again.',
      requestId,
      reason: 'OPERATION_IN_PROGRESS',
      details: { operationId: '019377a0-6e01-7d20-a4c4-1d2e3f405162', kind: 'vm.start' },
    },
  },
  413: {
    description: 'The body is larger than 256 KiB; of the content of an image, than 8 MiB.',
    example: {
      code: 'invalid_argument',
      message: 'The request body is larger than 256 KiB.',
      requestId,
      reason: 'BODY_TOO_LARGE',
    },
  },
  415: {
    description: 'The body is not declared as JSON.',
    example: {
      code: 'invalid_argument',
      message: 'The request body must be sent as "Content-Type: application/json".',
      requestId,
      reason: 'UNSUPPORTED_MEDIA_TYPE',
    },
  },
  500: {
    description: 'Something that should not happen did; the log has it under the request id.',
    example: { code: 'internal', message: 'Internal error', requestId },
  },
  503: {
    description: 'The database cannot be reached, or no node is there; `Retry-After` says when to try again.',
    example: {
      code: 'unavailable',
      message: 'The database cannot be reached; try again soon.',
      requestId,
      reason: 'DATABASE_UNAVAILABLE',
    },
  },
} as const satisfies Record<number, { description: string; example: ErrorBody }>

/** The refusal of a memory snapshot, as published. */
export const memorySnapshotBlockedExample = {
  code: 'internal',
  message: memorySnapshotBlockedMessage,
  requestId,
  reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
  details: { blockedBy: 'invtsc' },
} as const satisfies ErrorBody
