import { z } from '@hono/zod-openapi'
import { plainNamePattern } from '#db/plain-name.ts'

/** Fields that several resources have. */

/**
 * Text for people: any language, several lines. Refused is what XML 1.0 (2.2) or UTF-8 cannot hold: control characters
 * other than newline and tab, halves of surrogate pairs, U+FFFE and U+FFFF.
 */
export const description = z
  .string()
  .max(1000)
  .regex(
    /^(?:[^\p{Cc}\p{Cs}\uFFFE\uFFFF]|[\n\t])*$/u,
    'must be well-formed text without control characters other than newline and tab',
  )
  .default('')
  .openapi({ description: 'For people; at most 1000 characters, no control characters but newline and tab.' })

/** A schema or null. Unlike `.nullable()` it leaves a schema of the OpenAPI document as it is. */
export const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()])

export const moment = z.iso.datetime().openapi({ example: '2026-11-20T18:06:00.000Z' })

/** The id of a VM that others made may be a UUID of no known version. */
const id = () => z.guid('must be a UUID')

/** An id in a path. */
export const idParam = (name: string, what: string) =>
  id().openapi({ param: { name, in: 'path' }, description: what, example: exampleIds.vm })

/** The id of something that a list is asked for alone, in a query. */
export const idFilter = (what: keyof typeof exampleIds) =>
  id()
    .optional()
    .openapi({ description: `Only those of this ${what === 'vm' ? 'VM' : what}.`, example: exampleIds[what] })

export const exampleIds = {
  vm: '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11',
  snapshot: '019377a1-0b40-7a55-8e0f-6b1f9a7c2d02',
  operation: '019377a0-6e01-7d20-a4c4-1d2e3f405162',
  image: '019377a0-5a00-7b1c-8d2e-4f6a7b8c9d03',
  node: '4c4c4544-0042-3510-8052-b4c04f4d3732',
} as const

/** A name in the node's image directory, or of a libvirt network: never a path. */
export const plainName = z
  .string()
  .regex(
    plainNamePattern,
    'must be a plain name: letters, digits and . _ + - (no slash, no leading dot), at most 128 characters',
  )

/** Why something would be refused that is not asked for yet. */
export const refusalReason = z
  .string()
  .nullable()
  .openapi({ description: 'For programs, as in the refusal; null where it is allowed.' })
