import { z } from '@hono/zod-openapi'

/** Opaque to clients: the id of the last item they have. */
const cursorOf = (id: z.ZodType<string>) =>
  z
    .string()
    .max(64)
    .transform((text, context): string => {
      const decoded = id.safeParse(decode(text))
      if (decoded.success) return decoded.data
      context.addIssue({ code: 'custom', message: 'not a cursor; pass the nextCursor of the page before, unchanged' })
      return z.NEVER
    })
    .openapi({ type: 'string', description: 'The `nextCursor` of the page before.', example: 'MDE5Mzc3YTAtNmUwMA' })

/** The query of every list. */
export const pageQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .openapi({ description: 'Most items to answer with.', example: 50 }),
  cursor: cursorOf(z.guid()).optional(),
})

/** The query of a list whose items are numbered. */
export const numberPageQuery = pageQuery.extend({ cursor: cursorOf(z.string().regex(/^\d{1,15}$/)).optional() })

export interface PageQuery {
  limit: number
  /** The id after which the page begins. */
  cursor?: string | undefined
}

export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** A page of rows read newest first with one more than the limit: the one more says that there is a next page. */
export function pageOf<Row, Item>(
  rows: Row[],
  limit: number,
  idOf: (row: Row) => string,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map((row) => view(row)),
    nextCursor: rows.length > limit && last !== undefined ? encode(idOf(last)) : null,
  }
}

const encode = (id: string): string => btoa(id).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

function decode(text: string): string | null {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return null
  }
}
