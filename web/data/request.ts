import { client } from '#openapi/sdk/typescript/client.gen.ts'
import type { Error as ErrorBody } from '#openapi/sdk/typescript/index.ts'
import { text } from '../text.ts'

client.setConfig({ baseUrl: '' })

/** What the API refused, or that it could not be reached (status 0). */
export class ApiError extends Error {
  readonly status: number
  readonly body: ErrorBody | null

  constructor(status: number, body: ErrorBody | null) {
    super(body?.message ?? text.errors.unreachable)
    this.name = 'ApiError'
    this.status = status
    this.body = body
  }
}

interface Answer<Data> {
  data?: Data | undefined
  error?: unknown
  response?: Response | undefined
}

/** The data of an answer. Throws ApiError. */
export async function answered<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await request
  if (response?.ok) return data as Data
  throw new ApiError(response?.status ?? 0, isErrorBody(error) ? error : null)
}

const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value
