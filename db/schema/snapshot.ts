import { getTableColumns, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  index,
  integer,
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

export const snapshotState = pgEnum('snapshot_state', ['CREATING', 'READY', 'DELETING', 'FAILED'])
export type SnapshotState = (typeof snapshotState.enumValues)[number]

/** memory: disks and RAM of a running or paused VM; disk-only: disks of one; offline: disks of a stopped one. */
export const snapshotKind = pgEnum('snapshot_kind', ['memory', 'disk-only', 'offline'])
export type SnapshotKind = (typeof snapshotKind.enumValues)[number]

/** What a guest would find on its disks: as after resume, a freeze, a power cut, or a shutdown. */
export const snapshotConsistency = pgEnum('snapshot_consistency', ['memory', 'quiesced', 'crash', 'offline'])
export type SnapshotConsistency = (typeof snapshotConsistency.enumValues)[number]

/** Who asked for it: a user, the VM's schedule, or a revert that kept what was current. */
export const snapshotOrigin = pgEnum('snapshot_origin', ['user', 'schedule', 'revert'])
export type SnapshotOrigin = (typeof snapshotOrigin.enumValues)[number]

/** When the guest cannot freeze its file systems: fail, or take a crash-consistent snapshot and say so. */
export const quiescePolicy = pgEnum('quiesce_policy', ['require', 'prefer'])
export type QuiescePolicy = (typeof quiescePolicy.enumValues)[number]

/** Of one disk: the file that holds it as it was. A volume's name in the worker's pool. */
export interface SnapshotDisk {
  target: string
  volume: string
}

/** What was frozen for a quiesced snapshot, and for how long. */
export interface FreezeRecord {
  /** Mount points, where the agent names them. */
  fileSystems: string[]
  durationMs: number
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
    /** The VM's current snapshot when this one was taken. */
    parentId: uuid().references((): AnyPgColumn => snapshots.id),
    includeMemory: boolean().notNull(),
    quiesce: boolean().notNull(),
    quiescePolicy: quiescePolicy().notNull().default('require'),
    quiesceTimeoutSeconds: integer().notNull().default(60),
    origin: snapshotOrigin().notNull().default('user'),
    state: snapshotState().notNull(),
    error: jsonb().$type<ErrorRecord>(),
    kind: snapshotKind(),
    consistency: snapshotConsistency(),
    /** For people: why it is less than what was preferred; null where there is nothing to say. */
    notice: text(),
    freeze: jsonb().$type<FreezeRecord>(),
    disks: jsonb().$type<SnapshotDisk[]>(),
    /** Volume name of the saved memory, in the worker's pool. */
    memoryVolume: text(),
    /** Volume name of the copy of the UEFI variables, in the worker's pool; null for a BIOS VM. */
    nvramVolume: text(),
    sizeBytes: bigint({ mode: 'number' }),
    effectiveCpu: jsonb().$type<CpuFacts>(),
    /** As QEMU calls it, like `pc-q35-7.2`. */
    machineType: text(),
    /** The persistent definition at that time. */
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

const { domainXml: _, ...columns } = getTableColumns(snapshots)

/** All but the definition: thousands of characters that hardly anybody asks for. */
export const snapshotColumns = columns

export type SnapshotRow = Omit<typeof snapshots.$inferSelect, 'domainXml'>
