import { sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from './client.ts'
import type { Claimant } from './operations/claim.ts'
import { claimPlaceholders, nodeIsCurrent } from './operations/fence.ts'
import { vms } from './schema/vm.ts'
import type { GuestReport } from './schema/vm-guest.ts'
import type { VmUsage } from './schema/vm-usage.ts'

interface Reported {
  vmId: string
  runId: string
}

export interface ReportedUsage extends Reported {
  usage: VmUsage
}

export interface ReportedGuest extends Reported {
  report: GuestReport
}

/** Writes the rows of what is reported, and removes the node's that are of a run which is over. */
const reportStatement = (db: Drizzle, table: string, content: string, moment: string) => {
  const reported = db.$with('reported', { id: vms.id }).as(sql`
    select * from jsonb_to_recordset(${sql.placeholder('reports')}::jsonb)
      as content ("vmId" uuid, "runId" text, content jsonb)`)
  const gone = db.$with('gone', { id: vms.id }).as(sql`
    delete from ${sql.raw(table)} report where report.node_id = ${claimPlaceholders.nodeId}
      and not exists (select from reported where reported."vmId" = report.vm_id)
      and not exists (select from vms where vms.id = report.vm_id and vms.run_id = report.run_id)
    returning report.vm_id as id`)
  const written = db.$with('written', { id: vms.id }).as(sql`
    insert into ${sql.raw(table)} as report (vm_id, node_id, run_id, ${sql.raw(content)}, ${sql.raw(moment)})
    select "vmId", ${claimPlaceholders.nodeId}::uuid, "runId", content, now() from reported where ${nodeIsCurrent(db, claimPlaceholders)}
    on conflict (vm_id) do update set node_id = excluded.node_id, run_id = excluded.run_id,
      ${sql.raw(content)} = excluded.${sql.raw(content)}, ${sql.raw(moment)} = excluded.${sql.raw(moment)}
    returning report.vm_id as id`)
  return db.with(reported, gone, written).select().from(written).prepare(`report_${table}`)
}

const usageStatement = hotStatement((db) => reportStatement(db, 'vm_usage', 'usage', 'sampled_at'))
const guestStatement = hotStatement((db) => reportStatement(db, 'vm_guests', 'report', 'seen_at'))

/** Writes down what the VMs of a node use, in one statement; nothing where a newer worker has the node. */
export async function recordUsage(db: Database, claimant: Claimant, samples: readonly ReportedUsage[]): Promise<void> {
  const reports = samples.map(({ vmId, runId, usage }) => ({ vmId, runId, content: usage }))
  await usageStatement(db).execute({ ...claimant, reports: JSON.stringify(reports) })
}

/** Writes down what is known of the guests of some VMs of a node; nothing where a newer worker has the node. */
export async function recordGuests(db: Database, claimant: Claimant, guests: readonly ReportedGuest[]): Promise<void> {
  const reports = guests.map(({ vmId, runId, report }) => ({ vmId, runId, content: report }))
  await guestStatement(db).execute({ ...claimant, reports: JSON.stringify(reports) })
}
