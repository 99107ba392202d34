import { bigint, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { moment } from './moment.ts'
import { nodes } from './node.ts'

export const imageFormats = ['qcow2', 'raw', 'iso'] as const

/** Why no VM can use a file. */
export interface ImageProblem {
  /** A stable word, `IMAGE_…`. */
  reason: string
  /** A clause on the image as "it": what is wrong, and what to do. */
  message: string
}

/** The files in the nodes' image directories. Each worker writes the rows of its own node. */
export const images = pgTable(
  'images',
  {
    /** A UUIDv7: lists page by it, newest first. */
    id: uuid().primaryKey(),
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    /** Of the file, in the image directory. */
    name: text().notNull(),
    /** Null where there is a problem. */
    format: text({ enum: imageFormats }),
    /** Of the file. */
    sizeBytes: bigint({ mode: 'number' }).notNull(),
    /** Of the disk in it; null where there is a problem. */
    virtualSizeBytes: bigint({ mode: 'number' }),
    /** Of the file, in hexadecimal; null until it is known. */
    sha256: text(),
    /** While it stays the same, the file is taken to be the same. */
    fingerprint: text().notNull(),
    modifiedAt: moment().notNull(),
    problem: jsonb().$type<ImageProblem>(),
    firstSeenAt: moment().notNull().defaultNow(),
  },
  (t) => [uniqueIndex('images_node_name_unique').on(t.nodeId, t.name)],
)

export type ImageRow = typeof images.$inferSelect
