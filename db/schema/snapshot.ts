import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  index,
  jsonb,
  pgEnum,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { ErrorRecord } from '#db/errors.ts'
import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import { moment } from './moment.ts'
import { vms } from './vm.ts'

export const snapshotState = pgEnum('snapshot_state', ['CREATING', 'READY', 'FAILED'])
export type SnapshotState = (typeof snapshotState.enumValues)[number]

/** memory: disks and RAM of a running or paused VM; disk-only: disks of one; offline: disks of a stopped one. */
export const snapshotKind = pgEnum('snapshot_kind', ['memory', 'disk-only', 'offline'])
export type SnapshotKind = (typeof snapshotKind.enumValues)[number]

/** What a guest would find on its disks: as after resume, a freeze, a power cut, or a shutdown. */
export const snapshotConsistency = pgEnum('snapshot_consistency', ['memory', 'quiesced', 'crash', 'offline'])
export type SnapshotConsistency = (typeof snapshotConsistency.enumValues)[number]

/** Of one disk: the file that the snapshot froze, and the overlay that took its place. Volume names in the worker's pool. */
export interface SnapshotDisk {
  target: string
  volume: string
  overlay: string
}

/** A point in time of a VM. The columns from `kind` on are null until the worker wrote down what it really took. */
export const snapshots = pgTable(
  'snapshots',
  {
    id: uuid().primaryKey(),
    vmId: uuid()
      .notNull()
      .references(() => vms.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    description: text().notNull().default(''),
    /** The snapshot taken before this one on the branch that runs. */
    parentId: uuid().references((): AnyPgColumn => snapshots.id),
    includeMemory: boolean().notNull(),
    quiesce: boolean().notNull(),
    state: snapshotState().notNull(),
    error: jsonb().$type<ErrorRecord>(),
    kind: snapshotKind(),
    consistency: snapshotConsistency(),
    disks: jsonb().$type<SnapshotDisk[]>(),
    /** Volume name of the saved memory, in the worker's pool. */
    memoryVolume: text(),
    sizeBytes: bigint({ mode: 'number' }),
    effectiveCpu: jsonb().$type<CpuFacts>(),
    /** The persistent definition at that time; a revert starts from it. */
    domainXml: text(),
    libvirtVersion: text(),
    qemuVersion: text(),
    takenAt: moment(),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [
    // A failed snapshot stays for its error, and frees its name.
    uniqueIndex('snapshots_name_unique').on(t.vmId, t.name).where(sql`${t.state} <> 'FAILED'`),
    index('snapshots_page').on(t.vmId, t.id),
  ],
)

export type SnapshotRow = typeof snapshots.$inferSelect
