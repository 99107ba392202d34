import { bigint, boolean, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { SealedSecret } from '#db/secrets/secret-box.ts'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import { moment } from './moment.ts'
import { nodes } from './node.ts'

/** CREATING: it is not on its node yet. */
export const storagePoolState = pgEnum('storage_pool_state', ['CREATING', 'READY', 'DELETING'])

/** The storage pools of the nodes beside the workers' own. Each worker writes the sizes of its own node's. */
export const storagePools = pgTable(
  'storage_pools',
  {
    /** A UUIDv7: lists page by it, newest first. */
    id: uuid().primaryKey(),
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    /** What the node knows it by. */
    name: text().notNull(),
    state: storagePoolState().notNull().default('READY'),
    source: jsonb().$type<StoragePoolSource>().notNull(),
    /** Of its target or cluster, on the way to the node, which keeps it. */
    secret: jsonb().$type<SealedSecret>(),
    active: boolean().notNull().default(false),
    /** For people: why it cannot be used. */
    problem: text(),
    mountPath: text(),
    capacityBytes: bigint({ mode: 'number' }),
    allocationBytes: bigint({ mode: 'number' }),
    availableBytes: bigint({ mode: 'number' }),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [uniqueIndex('storage_pools_node_name_unique').on(t.nodeId, t.name)],
)

export type StoragePoolRow = typeof storagePools.$inferSelect
