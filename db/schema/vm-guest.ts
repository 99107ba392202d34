import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from './moment.ts'

/** What a guest's agent says of its guest. Null is what it does not say. */
export interface GuestAgentInfo {
  /** The agent's own. */
  version: string | null
  osName: string | null
  osVersion: string | null
  kernelVersion: string | null
  hostname: string | null
  interfaces: GuestInterface[]
  fileSystems: GuestFileSystem[]
  /** Who is logged in. */
  users: GuestUser[]
  /** What the agent can be asked for, in its own words, like `guest-fsfreeze-freeze`. */
  capabilities: string[]
}

export interface GuestInterface {
  name: string
  mac: string | null
  ipv4: string[]
  ipv6: string[]
}

export interface GuestFileSystem {
  mountpoint: string
  /** Like ext4. */
  type: string
  totalBytes: number | null
  usedBytes: number | null
}

export interface GuestUser {
  name: string
  /** As ISO 8601. */
  loginAt: string | null
}

/** What is known of what runs in a VM. */
export interface GuestReport {
  /** Null where no agent answered. */
  agent: GuestAgentInfo | null
  /** Those that others can reach it under: from the agent, else from the node's DHCP leases and neighbours. */
  ipAddresses: string[]
}

/** What runs in the running VMs: one row each, written anew now and then, as `vm_usage` is. */
export const vmGuests = pgTable(
  'vm_guests',
  {
    vmId: uuid().primaryKey(),
    nodeId: uuid().notNull(),
    /** It is of this run of the VM alone. */
    runId: text().notNull(),
    report: jsonb().$type<GuestReport>().notNull(),
    seenAt: moment().notNull(),
  },
  (t) => [index('vm_guests_node').on(t.nodeId)],
)
