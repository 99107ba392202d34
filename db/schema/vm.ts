import { sql } from 'drizzle-orm'
import { check, index, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type { VmSpec } from '#db/vm-spec.ts'
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
  'DELETING',
  'FAILED',
  'UNKNOWN',
])

export type VmState = (typeof vmState.enumValues)[number]

export const vms = pgTable(
  'vms',
  {
    /** Also the domain's UUID. A UUIDv7: lists page by it, newest first. */
    id: uuid().primaryKey(),
    name: text().notNull(),
    description: text().notNull().default(''),
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id),
    spec: jsonb().$type<VmSpec>().notNull(),
    state: vmState().notNull(),
    /** For people: why the state is what it is; empty when there is nothing to say. */
    message: text().notNull().default(''),
    /** The CPU that runs, from the live definition; null while nothing runs. */
    effectiveCpu: jsonb().$type<CpuFacts>(),
    startedAt: moment(),
    createdAt: moment().notNull().defaultNow(),
    updatedAt: moment().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('vms_name_unique').on(t.name),
    index('vms_node').on(t.nodeId),
    check('vms_cpu_mode', sql`coalesce(${t.spec} ->> 'cpuMode', '') in ('host-model', 'host-passthrough')`),
  ],
)

export type VmRow = typeof vms.$inferSelect
