import { bigint, customType, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { moment } from './moment.ts'
import { nodes } from './node.ts'

export const imageFormats = ['qcow2', 'raw', 'iso'] as const

/** IMPORTING: its file is not in place yet, and of it the row knows the name alone. */
export const imageState = pgEnum('image_state', ['IMPORTING', 'READY', 'DELETING'])
export type ImageState = (typeof imageState.enumValues)[number]

/** Why no VM can use a file. */
export interface ImageProblem {
  /** A stable word, `IMAGE_…`. */
  reason: string
  /** A clause on the image as "it": what is wrong, and what to do. */
  message: string
}

/** The files in the nodes' image directories, and those on their way there. Each worker writes the rows of its own node. */
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
    state: imageState().notNull().default('READY'),
    /** Null where there is a problem. */
    format: text({ enum: imageFormats }),
    /** Of the file. */
    sizeBytes: bigint({ mode: 'number' }),
    /** Of the disk in it; null where there is a problem. */
    virtualSizeBytes: bigint({ mode: 'number' }),
    /** Of the file, in hexadecimal; null until it is known. */
    sha256: text(),
    /** While it stays the same, the file is taken to be the same. */
    fingerprint: text(),
    modifiedAt: moment(),
    problem: jsonb().$type<ImageProblem>(),
    firstSeenAt: moment().notNull().defaultNow(),
  },
  (t) => [uniqueIndex('images_node_name_unique').on(t.nodeId, t.name)],
)

export type ImageRow = typeof images.$inferSelect

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/**
 * The next piece of each upload, on its way from the api to the worker of the node. Unlogged (migration `images_import`): a
 * piece counts once it is in its file, and one that is lost before is sent again.
 */
export const imageChunks = pgTable('image_chunks', {
  imageId: uuid()
    .primaryKey()
    .references(() => images.id, { onDelete: 'cascade' }),
  /** Where in the file it belongs. */
  offsetBytes: bigint({ mode: 'number' }).notNull(),
  data: bytea().notNull(),
})
