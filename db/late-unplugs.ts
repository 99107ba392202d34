import { and, eq, gt, inArray, isNull, not, or, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import { isBusy } from './observed-state.ts'
import type { Claimant } from './operations/claim.ts'
import { claimPlaceholders, nodeIsCurrent } from './operations/fence.ts'
import { operations } from './schema/operation.ts'
import { vms } from './schema/vm.ts'

/** A device that the guest of a VM was asked to let go of, and had not when the operation ended. */
export interface AskedDevice {
  vmId: string
  device: DeviceName
}

export type DeviceName = { target: string } | { mac: string }

const askedDevices = hotStatement((drizzle) =>
  drizzle
    .selectDistinct({
      vmId: vms.id,
      target: sql<string | null>`${operations.input} ->> 'target'`,
      mac: sql<string | null>`${operations.input} ->> 'mac'`,
    })
    .from(vms)
    .innerJoin(operations, eq(operations.vmId, vms.id))
    .where(
      and(
        eq(vms.nodeId, sql.placeholder('nodeId')),
        inArray(vms.state, ['RUNNING', 'PAUSED']),
        sql`(${sql.placeholder('vmId')}::uuid is null or ${vms.id} = ${sql.placeholder('vmId')}::uuid)`,
        inArray(operations.kind, ['disk.detach', 'nic.detach']),
        eq(operations.status, 'failed'),
        // QEMU forgets what it asked when it ends.
        or(isNull(vms.startedAt), gt(operations.finishedAt, vms.startedAt)),
        not(isBusy(drizzle, vms.id)),
      ),
    )
    .prepare('asked_devices'),
)

/** Those of the node's VMs, or of one of them, that run as they did then, and that no operation works on. */
export async function findAskedDevices(db: Database, nodeId: string, vmId?: string): Promise<AskedDevice[]> {
  const rows = await askedDevices(db).execute({ nodeId, vmId: vmId ?? null })
  return rows.map(({ vmId: id, target, mac }) => ({
    vmId: id,
    device: target === null ? { mac: mac ?? '' } : { target },
  }))
}

const tell = hotStatement((drizzle) => {
  const message = sql`${sql.placeholder('message')}::text`
  const isBack = sql`${sql.placeholder('isBack')}::boolean`
  const told = drizzle.$with('told', { vmId: vms.id }).as(sql`
    insert into events (vm_id, node_id, type, severity, actor, message, details)
    select vms.id, vms.node_id, 'vm.device-unplugged',
      (case when ${isBack} then 'warning' else 'error' end)::event_severity, 'guest', ${message},
      ${sql.placeholder('details')}::jsonb
    from vms where vms.id = ${sql.placeholder('vmId')}::uuid
      and ${nodeIsCurrent(drizzle, claimPlaceholders)}
      and (${isBack} or vms.message <> ${message})
    returning vm_id as id`)
  const shown = drizzle.$with('shown', { vmId: vms.id }).as(sql`
    update vms set message = ${message}, updated_at = now() from told where vms.id = told.id and not ${isBack}
    returning vms.id`)
  return drizzle.with(told, shown).select().from(told).prepare('tell_late_unplug')
})

export interface LateUnplug extends AskedDevice {
  /** It was plugged in again. */
  isBack: boolean
  /** For people. */
  message: string
}

/** Tells that a guest let go of a device late; of one that is not back, once, and in the VM's message. */
export async function recordLateUnplug(
  db: Database,
  { nodeId, epoch }: Claimant,
  { vmId, device, isBack, message }: LateUnplug,
): Promise<void> {
  await tell(db).execute({ nodeId, epoch, vmId, isBack, message, details: JSON.stringify({ ...device, isBack }) })
}
