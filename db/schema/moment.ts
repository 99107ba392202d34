import { timestamp } from 'drizzle-orm/pg-core'

/** A point in time, in milliseconds as JavaScript has it: a value that was read compares equal to the one stored. */
export const moment = () => timestamp({ withTimezone: true, precision: 3 })
