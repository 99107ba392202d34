import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { ErrorRecord } from '#db/errors.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import type { OperationResult } from '#db/operations/result.ts'
import { eventActor } from './event.ts'
import { moment } from './moment.ts'
import { nodes } from './node.ts'

/** undoing: it failed, `error` says why, and what it had done is being removed. */
export const operationStatus = pgEnum('operation_status', ['queued', 'running', 'undoing', 'succeeded', 'failed'])
export type OperationStatus = (typeof operationStatus.enumValues)[number]

/** How far an operation is that moves bytes. */
export interface OperationProgress {
  /** They are where they are to be, and outlive a power cut. */
  doneBytes: number
  /** Null while it is not known. */
  totalBytes: number | null
  /** When `doneBytes` last changed, as ISO 8601. */
  changedAt: string
}

/** What each finished step found or made, by step name: what a later attempt need not do again. */
export type StepOutputs = Record<string, unknown>

export const operations = pgTable(
  'operations',
  {
    id: uuid().primaryKey(),
    kind: text().$type<OperationKind>().notNull(),
    /** What it is about, one of these. No foreign keys: an operation is history, and outlives what it deleted. */
    vmId: uuid(),
    imageId: uuid(),
    storagePoolId: uuid(),
    volumeId: uuid(),
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id),
    /** Ids and options only; parsed with the catalogue's schema by the worker. */
    input: jsonb().$type<Record<string, unknown>>().notNull(),
    /** Who asked for it. */
    actor: eventActor().notNull().default('user'),
    status: operationStatus().notNull().default('queued'),
    /** Counts the claims, and fences: a write of an older attempt is refused. */
    attempt: integer().notNull().default(0),
    /** The node's epoch at the last claim. */
    epoch: bigint({ mode: 'number' }).notNull().default(0),
    steps: jsonb().$type<StepOutputs>().notNull().default({}),
    /** Null for kinds that do not tell, and before they begin. */
    progress: jsonb().$type<OperationProgress>(),
    /** Somebody asked for it to be ended; its worker ends it where it can. */
    cancelRequestedAt: moment(),
    error: jsonb().$type<ErrorRecord>(),
    /** Null while it goes on, when it failed, and for kinds that have nothing more to say. */
    result: jsonb().$type<OperationResult>(),
    /** Not claimed before this; a transient failure moves it on. */
    notBefore: moment().notNull().defaultNow(),
    createdAt: moment().notNull().defaultNow(),
    startedAt: moment(),
    finishedAt: moment(),
  },
  (t) => [
    check('operations_one_subject', sql`num_nonnulls(${t.vmId}, ${t.imageId}, ${t.storagePoolId}, ${t.volumeId}) = 1`),
    uniqueIndex('operations_one_unfinished_per_vm')
      .on(t.vmId)
      .where(sql`${t.status} in ('queued', 'running', 'undoing')`),
    uniqueIndex('operations_one_unfinished_per_image')
      .on(t.imageId)
      .where(sql`${t.status} in ('queued', 'running', 'undoing')`),
    uniqueIndex('operations_one_unfinished_per_storage_pool')
      .on(t.storagePoolId)
      .where(sql`${t.storagePoolId} is not null and ${t.status} in ('queued', 'running', 'undoing')`),
    uniqueIndex('operations_one_unfinished_per_volume')
      .on(t.volumeId)
      .where(sql`${t.volumeId} is not null and ${t.status} in ('queued', 'running', 'undoing')`),
    index('operations_unfinished')
      .on(t.nodeId, t.notBefore)
      .where(sql`${t.status} in ('queued', 'running', 'undoing')`),
    index('operations_page').on(t.vmId, t.id),
    index('operations_image_page').on(t.imageId, t.id),
  ],
)

export type OperationRow = typeof operations.$inferSelect
