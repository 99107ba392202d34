import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type { RunningSpec } from '#db/rules/spec-changes.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { Unmanaged } from './host-domain.ts'
import { moment } from './moment.ts'
import { nodes } from './node.ts'

/**
 * FAILED: it could not be made, and nothing of it is on the node.
 * UNKNOWN: the node could not say what became of it.
 */
export const vmState = pgEnum('vm_state', [
  'CREATING',
  'STOPPED',
  'STARTING',
  'RUNNING',
  'PAUSED',
  'STOPPING',
  'REVERTING',
  'DELETING',
  'FAILED',
  'UNKNOWN',
])

export type VmState = (typeof vmState.enumValues)[number]

/** Why a VM's disks may not be touched: what QEMU writes to, libvirt's definitions and the snapshots do not agree. */
export interface DiskProblem {
  /** A stable word. */
  reason: string
  message: string
}

/** Snapshots that are taken by themselves. */
export interface SnapshotSchedule {
  /** Five fields, UTC. */
  cron: string
  includeMemory: boolean
  quiesce: boolean
  /** So many scheduled snapshots stay; older ones are deleted. */
  keep: number
}

/** What a VM's definition on its node is made of. */
export interface DefinedAs {
  spec: VmSpec
  tscFrequencyHz: number | null
}

export const vms = pgTable(
  'vms',
  {
    /** Also the domain's UUID. A UUIDv7: lists page by it, newest first. */
    id: uuid().primaryKey(),
    name: text().notNull(),
    description: text().notNull().default(''),
    /** For its users alone: it means nothing to us. */
    labels: jsonb().$type<Record<string, string>>().notNull().default({}),
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id),
    spec: jsonb().$type<VmSpec>().notNull(),
    /** Of a VM that others made and that was adopted; null of one that Quantix made. */
    unmanaged: jsonb().$type<Unmanaged>(),
    /** While the spec is being changed: what it was, and is again when the node refuses the change. */
    changedFrom: jsonb().$type<DefinedAs>(),
    /**
     * What its QEMU was started with, and what it was given since, from the live definition. Null while nothing runs, and of
     * one that was started before this was kept: the spec then.
     */
    runningSpec: jsonb().$type<RunningSpec>(),
    state: vmState().notNull(),
    /** For people: why the state is what it is; empty when there is nothing to say. */
    message: text().notNull().default(''),
    /** The CPU that runs, from the live definition; null while nothing runs. */
    effectiveCpu: jsonb().$type<CpuFacts>(),
    startedAt: moment(),
    /** Which of its starts it runs since, in its node's words; null while nothing runs, and where it is not known. */
    runId: text(),
    /** Its node keeps its definition. One that was undefined while it runs is gone when it stops. */
    definedOnNode: boolean().notNull().default(true),
    /** Whether qemu-guest-agent answers; null while nothing runs. */
    guestAgentConnected: boolean(),
    /** While there is one, the VM is neither started nor stopped, and no snapshot of it is touched. */
    diskProblem: jsonb().$type<DiskProblem>(),
    /** The snapshot that the disks as they are now came from. Not a foreign key: the snapshots' own leads the other way. */
    currentSnapshotId: uuid(),
    snapshotSchedule: jsonb().$type<SnapshotSchedule>(),
    nextSnapshotAt: moment(),
    /** What its guest's TSC is pinned to, Hz; null where it is not. Chosen with the node. */
    tscFrequencyHz: bigint({ mode: 'number' }),
    createdAt: moment().notNull().defaultNow(),
    updatedAt: moment().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('vms_name_unique').on(t.name),
    index('vms_node').on(t.nodeId),
    index('vms_labels').using('gin', t.labels.op('jsonb_path_ops')),
    index('vms_next_snapshot').on(t.nextSnapshotAt).where(sql`${t.nextSnapshotAt} is not null`),
    check(
      'vms_cpu_mode',
      sql`coalesce(${t.spec} ->> 'cpuMode', '') in ('host-model', 'host-passthrough')
        or (${t.unmanaged} is not null and coalesce(${t.spec} ->> 'cpuMode', '') in ('maximum', 'custom'))`,
    ),
  ],
)

export type VmRow = typeof vms.$inferSelect
