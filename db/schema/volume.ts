import { bigint, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { moment } from './moment.ts'
import { storagePools } from './storage-pool.ts'

export const volumeFormats = ['qcow2', 'raw'] as const

/** CREATING: it is not in its pool yet, and of it the row knows the name alone. */
export const volumeState = pgEnum('volume_state', ['CREATING', 'READY', 'DELETING'])

/** What lies in the storage pools. */
export const volumes = pgTable(
  'volumes',
  {
    /** A UUIDv7: lists page by it, newest first. */
    id: uuid().primaryKey(),
    storagePoolId: uuid()
      .notNull()
      .references(() => storagePools.id, { onDelete: 'cascade' }),
    /** In the pool. */
    name: text().notNull(),
    state: volumeState().notNull().default('READY'),
    format: text({ enum: volumeFormats }),
    /** As a VM sees it. */
    sizeBytes: bigint({ mode: 'number' }),
    /** What it takes of the pool. */
    allocationBytes: bigint({ mode: 'number' }),
    /** The VM that has it as a disk. No foreign key: the node says it. */
    vmId: uuid(),
    /** The volume that it is a snapshot of. */
    snapshotOf: text(),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [uniqueIndex('volumes_pool_name_unique').on(t.storagePoolId, t.name)],
)

export type VolumeRow = typeof volumes.$inferSelect
