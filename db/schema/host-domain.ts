import { boolean, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { VmSpec } from '#db/vm-spec.ts'
import { moment } from './moment.ts'
import { nodes } from './node.ts'

/** What of a VM that others made stays to the letter in its definition: Quantix neither makes, changes nor removes it. */
export interface Unmanaged {
  /** Kinds of devices that a spec has no words for: `hostdev`, `filesystem`, … in alphabetical order. */
  devices: string[]
  /** Targets of the disks whose files are not Quantix's, also of those that a spec has no words for. */
  disks: string[]
}

/** A drive as users may know it: without a path of the node. */
export interface HostDrive {
  target: string
  /** `disk`, `cdrom`, `floppy` or `lun`. */
  device: string
  bus: string | null
  /** Of the image; null where the definition does not say. */
  format: string | null
  /** `file`, `block`, `network`, …; null of an empty drive. */
  source: string | null
  /** The last part of what it is on; null of an empty drive. */
  name: string | null
}

export const hostDomainStates = ['RUNNING', 'PAUSED', 'STOPPED'] as const

/** What runs on the nodes beside our VMs: domains that others made. Each worker writes the rows of its own node. */
export const hostDomains = pgTable(
  'host_domains',
  {
    nodeId: uuid()
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    /** The domain's UUID. */
    id: uuid().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    state: text({ enum: hostDomainStates }).notNull(),
    /** Whether there is a definition that outlives its run. */
    persistent: boolean().notNull(),
    autostart: boolean().notNull(),
    /** Its memory was put aside, and its next start goes on with it. */
    managedSave: boolean().notNull(),
    /** libvirt has snapshots of it. */
    hasSnapshots: boolean().notNull(),
    /** What its definition says, in the words of a VM's spec. */
    spec: jsonb().$type<VmSpec>().notNull(),
    unmanaged: jsonb().$type<Unmanaged>().notNull(),
    drives: jsonb().$type<HostDrive[]>().notNull(),
    /** VMs that write to one of its disks. */
    sharesDiskWith: jsonb().$type<string[]>().notNull(),
    firstSeenAt: moment().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.id] })],
)

export type HostDomainRow = typeof hostDomains.$inferSelect
