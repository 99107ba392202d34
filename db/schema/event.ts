import { bigint, index, jsonb, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from './moment.ts'

/**
 * Who did it. user: a request; schedule: the VM's own; guest: the guest by itself; node: somebody or something on the node,
 * past us; system: the control plane by itself.
 */
export const eventActor = pgEnum('event_actor', ['user', 'schedule', 'guest', 'node', 'system'])
export type EventActor = (typeof eventActor.enumValues)[number]

export const eventSeverity = pgEnum('event_severity', ['info', 'warning', 'error'])
export type EventSeverity = (typeof eventSeverity.enumValues)[number]

/** What can happen to a VM. */
export const eventTypes = [
  'operation.requested',
  'operation.succeeded',
  'operation.failed',
  'snapshot.refused',
  'vm.changed',
  'vm.definition-changed',
  'vm.device-unplugged',
  'vm.disk-problem-changed',
  'vm.rebooted',
  'vm.released',
  'vm.restarted',
  'vm.snapshot-schedule-changed',
  'vm.state-changed',
] as const
export type EventType = (typeof eventTypes)[number]

/**
 * The history of the VMs. Written by triggers (migrations 0004, 0008, 0012), in the transaction of what happened: no statement
 * can forget it, and nothing is told that was rolled back; what leaves a VM's row as it was, by the statement that finds it.
 * No foreign keys: history outlives what it is about.
 */
export const events = pgTable(
  'events',
  {
    /** Rises over all VMs. Given at the insert: of two transactions, the one with the higher may be seen first. */
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    vmId: uuid().notNull(),
    nodeId: uuid().notNull(),
    type: text().$type<EventType>().notNull(),
    severity: eventSeverity().notNull(),
    actor: eventActor().notNull(),
    /** The operation that did it; null where none did. */
    operationId: uuid(),
    /** For people. */
    message: text().notNull(),
    details: jsonb().$type<Record<string, unknown>>().notNull(),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [index('events_page').on(t.vmId, t.id)],
)

export type EventRow = typeof events.$inferSelect
