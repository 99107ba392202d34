import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import { vms } from '#db/schema/vm.ts'
import type { VmControl } from './vm-control.ts'

/**
 * The VMs of a node that belongs to a control plane, as its database has them. They are changed there alone: what was
 * changed behind its back it would not know, or undo.
 */
export function managedControl({ drizzle }: Database, nodeId: string): VmControl {
  const refuse = async () => {
    throw managedElsewhere()
  }
  return {
    async find(vmId) {
      const rows = await drizzle
        .select({ vm: vms, snapshot: snapshotColumns })
        .from(vms)
        .leftJoin(snapshots, eq(snapshots.vmId, vms.id))
        .where(and(eq(vms.nodeId, nodeId), eq(vms.id, vmId)))
        .orderBy(asc(snapshots.id))
      const [first] = rows
      if (first) return { vm: first.vm, snapshots: rows.flatMap(({ snapshot }) => snapshot ?? []) }
      throw new AppError('not_found', `VM ${vmId} does not exist on this node.`, { reason: 'VM_NOT_FOUND' })
    },
    list: (vmIds) =>
      drizzle
        .select()
        .from(vms)
        .where(and(eq(vms.nodeId, nodeId), vmIds && inArray(vms.id, [...vmIds]))),
    create: refuse,
    perform: refuse,
    changeDevices: refuse,
    takeSnapshot: refuse,
    revert: refuse,
    deleteSnapshot: refuse,
  }
}

const managedElsewhere = () =>
  new AppError(
    'failed_precondition',
    'This node belongs to a control plane, which alone changes its VMs. Ask its API. A node without one is served with --standalone.',
    { reason: 'NODE_IS_MANAGED' },
  )
