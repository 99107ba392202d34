import { z } from 'zod'

/** What proto3 sends for a field that nobody set is as if it was not there. */
export const orUndefined = <Schema extends z.ZodType>(unset: unknown, schema: Schema) =>
  z.preprocess((value) => (value === unset ? undefined : value), schema.optional())

/** A field that nobody may set. */
export const only = (unset: unknown, message: string) => z.unknown().refine((value) => value === unset, { message })

/** A number of at least 1; 0 is none. */
export const limit = (most: number) => orUndefined(0, z.int().min(1).max(most))
