import { AppError } from '#db/errors.ts'
import { type Client, createClient, createConfig } from '#openapi/sdk/typescript/client/index.ts'
import { getOperation } from '#openapi/sdk/typescript/sdk.gen.ts'
import type { Error as ApiErrorBody, OperationRef } from '#openapi/sdk/typescript/types.gen.ts'

/** An error answer of the API. */
export class ApiError extends Error {
  readonly body: ApiErrorBody

  constructor(body: ApiErrorBody) {
    super(body.message)
    this.name = 'ApiError'
    this.body = body
  }
}

/** The generated client; requests end when the signal is aborted. */
export const apiClient = (baseUrl: string, signal?: AbortSignal): Client =>
  createClient(createConfig(signal ? { baseUrl, signal } : { baseUrl }))

/** What every call of the SDK resolves with. */
interface Answer<T> {
  data?: T | undefined
  error?: unknown
  response?: Response | undefined
}

/** The body of a good answer. Throws ApiError for an error answer. */
export async function answered<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call
  if (response?.ok) return data as T
  if (isErrorBody(error)) throw new ApiError(error)
  throw new AppError('unavailable', 'The API does not answer', { cause: error })
}

const isErrorBody = (error: unknown): error is ApiErrorBody =>
  typeof error === 'object' && error !== null && 'code' in error && 'requestId' in error

/** The longest that one request may wait. */
const waitSeconds = 30
/** No step of the tour takes longer on a machine that works. */
const operationDeadlineMs = 120_000
/** Goes with each request that makes an operation: it is then mostly done with the answer. */
export const preferWait = { Prefer: `wait=${waitSeconds}` }

/** As `answered`, and the operation it began has succeeded. Throws ApiError with the operation's error otherwise. */
// biome-ignore lint/suspicious/noConfusingVoidType: what the SDK says of an answer without a body.
export async function settled<T extends { operation?: OperationRef } | undefined | void>(
  client: Client,
  call: Promise<Answer<T>>,
): Promise<T> {
  const resource = await answered(call)
  if (resource?.operation) await waitForOperation(client, resource.operation.id)
  return resource
}

/** Throws ApiError with the operation's error when it fails, and `deadline_exceeded` when it does not end. */
export async function waitForOperation(client: Client, id: string): Promise<void> {
  const deadline = Date.now() + operationDeadlineMs
  for (;;) {
    const operation = await answered(getOperation({ client, path: { id }, query: { wait: waitSeconds } }))
    if (operation.error) throw new ApiError({ ...operation.error, requestId: '' })
    if (operation.done) return
    if (Date.now() > deadline) {
      const text = `${operation.kind} is still ${operation.status} after ${operationDeadlineMs / 1000} s`
      throw new AppError('deadline_exceeded', text)
    }
  }
}
