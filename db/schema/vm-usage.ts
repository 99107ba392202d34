import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from './moment.ts'

/** What a running VM uses. Totals count from its start; a rate is null until there are two samples. */
export interface VmUsage {
  cpu: {
    timeSeconds: number
    /** Of all its vCPUs: 100 is all of them busy. */
    percent: number | null
  }
  memory: MemoryUsage
  disks: DiskUsage[]
  nics: NicUsage[]
}

/** Null is what the node, or the guest's balloon driver, does not say. */
export interface MemoryUsage {
  /** What the guest has now. */
  balloonBytes: number | null
  /** What QEMU takes of its node's memory. */
  residentBytes: number | null
  /** What the guest's kernel counts as its memory. */
  guestTotalBytes: number | null
  /** What of that no program of the guest could have any more. */
  guestUsedBytes: number | null
}

export interface DiskUsage {
  target: string
  readBytes: number
  writtenBytes: number
  readRequests: number
  writeRequests: number
  readBytesPerSecond: number | null
  writtenBytesPerSecond: number | null
  readIops: number | null
  writeIops: number | null
  /** What the guest sees as its size; null of an empty drive. */
  capacityBytes: number | null
  /** The size of the file that it writes to now; null of an empty drive. */
  fileBytes: number | null
}

export interface NicUsage {
  mac: string
  receivedBytes: number
  sentBytes: number
  receivedPackets: number
  sentPackets: number
  /** Both ways. */
  droppedPackets: number
  receivedBytesPerSecond: number | null
  sentBytesPerSecond: number | null
}

/**
 * What the running VMs use: one row each, written anew with every sample. Unlogged, and with room for the next version of
 * a row beside it (migration `vm_reports`): a sample costs no WAL, and the table does not grow with them. What a crash of
 * the database loses, the next sample brings. No foreign keys: a VM that goes does not wait for its sample.
 */
export const vmUsage = pgTable(
  'vm_usage',
  {
    vmId: uuid().primaryKey(),
    nodeId: uuid().notNull(),
    /** It is of this run of the VM alone. */
    runId: text().notNull(),
    usage: jsonb().$type<VmUsage>().notNull(),
    sampledAt: moment().notNull(),
  },
  (t) => [index('vm_usage_node').on(t.nodeId)],
)
