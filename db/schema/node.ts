import { bigint, boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { CpuFeature, CpuMode } from '#db/vm-spec.ts'
import { moment } from './moment.ts'

/** What a node was found to run, by trying: one entry per CPU mode. */
export interface CpuModeSupport {
  mode: CpuMode
  supported: boolean
  /** How VMs of this mode run here: hardware virtualisation, or QEMU's own emulation (TCG). Null where the mode does not run. */
  virtType: 'kvm' | 'qemu' | null
  /** Why the mode does not run, or what was worked around; null where there is nothing to say. */
  message: string | null
  /** Feature policies that this machine needs for the mode to start, e.g. `arch-capabilities: disable`. */
  features: CpuFeature[]
}

/** A hypervisor host with one worker. The worker writes its own row. */
export const nodes = pgTable('nodes', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  /** Raised by each worker that takes the node over; a write with an older epoch is refused. */
  epoch: bigint({ mode: 'number' }).notNull().default(1),
  /** `host:port` where the control plane reaches its daemon; null where it says none. */
  daemonAddress: text(),
  hypervisor: text({ enum: ['libvirt', 'simulated'] }).notNull(),
  libvirtVersion: text(),
  qemuVersion: text(),
  cpuCount: integer().notNull(),
  memoryMib: integer().notNull(),
  cpuModes: jsonb().$type<CpuModeSupport[]>().notNull(),
  /** Of the host's time stamp counter; null where the node does not say. */
  tscFrequencyHz: bigint({ mode: 'number' }),
  /** The CPU can run a guest whose TSC has another frequency. */
  tscScaling: boolean().notNull().default(false),
  /** Free in the worker's storage pool at the last heartbeat; null where the node does not say. */
  storageFreeBytes: bigint({ mode: 'number' }),
  lastSeenAt: moment().notNull().defaultNow(),
  /** When it was last seen, from the moment on that it counts as silent; null while it answers. */
  silentSince: moment(),
  createdAt: moment().notNull().defaultNow(),
})

export type NodeRow = typeof nodes.$inferSelect
