import { setTimeout as delay } from 'node:timers/promises'
import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Logger } from 'pino'
import { databaseOutage } from '#db/database-outage.ts'
import { AppError, errorRecord, storedError } from '#db/errors.ts'
import { newId } from '#db/new-id.ts'
import { findNode } from '#db/nodes.ts'
import { changedMeanwhile } from '#db/operations/begin.ts'
import { beginAction } from '#db/operations/begin-action.ts'
import { beginChange } from '#db/operations/begin-change.ts'
import { beginCreate } from '#db/operations/begin-create.ts'
import { beginSnapshot, type SnapshotDependencies } from '#db/operations/begin-snapshot.ts'
import { beginRevert, beginSnapshotDelete } from '#db/operations/begin-snapshot-change.ts'
import { waitForOperation } from '#db/operations/wait-for-operation.ts'
import { nodeRefusal } from '#db/rules/node-refusal.ts'
import { remedies } from '#db/rules/remedies.ts'
import { vmIdTaken } from '#db/rules/vm-refusal.ts'
import { snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { secretsOfVm } from '#db/secrets/vm-secrets.ts'
import { getSnapshot } from '#db/snapshots.ts'
import { findVm, nameTaken } from '#db/vms.ts'
import type { Executor } from '#worker/operations/executor.ts'
import { untilItSucceeds } from '#worker/repeat.ts'
import { requireSameSecrets, requireSameVm } from './same-vm.ts'
import type { NewVm, VmControl } from './vm-control.ts'

export interface ManagedDependencies extends Pick<SnapshotDependencies, 'database' | 'maxSnapshots'> {
  nodeId: string
  secretBox: SecretBox
  /** Of this node's worker. */
  executor: Pick<Executor, 'wake' | 'current'>
  log: Logger
  /** Ends what is waited for. */
  stopping: AbortSignal
}

/**
 * The VMs of a node that belongs to a control plane, as its database has them. What is asked for is recorded there as the
 * control plane's API does it, and waited for.
 */
export function managedControl(dependencies: ManagedDependencies): VmControl {
  const { nodeId, database, secretBox, executor, log, stopping: signal } = dependencies
  const { drizzle } = database
  const deps = {
    ...dependencies,
    newId,
    // The worker is this one.
    doorbell: { ring: ({ id }: { id: string }) => executor.wake(id) },
    defer: () => {},
  }

  /** Waits for an operation, where there is one; throws what it failed with. */
  async function ended(operation: { id: string } | null): Promise<void> {
    if (!operation) return
    const { id } = operation
    const pause = (ms: number) => executor.current(id) ?? delay(ms)
    const wait = () => waitForOperation(database, id, { seconds: Number.POSITIVE_INFINITY, signal, pause })
    const now = await untilItSucceeds('waiting for an operation', wait, { signal, log }).catch((error) => {
      throw signal.aborted ? workerStopping() : error
    })
    if (now?.status === 'failed') throw storedError(now.error ?? errorRecord(null))
    if (now?.status !== 'succeeded') throw workerStopping()
  }

  /** A VM of another node is that one's to change. */
  async function requireHere(vmId: string): Promise<void> {
    const found = await findVm(database, vmId)
    if (found?.vm.nodeId !== nodeId) throw notHere(vmId)
  }

  /** Why the VM was not made. */
  async function createRefusal({ name, spec }: NewVm): Promise<AppError> {
    const node = await findNode(database, nodeId)
    return (await nameTaken(database, name)) ?? (node && nodeRefusal(node, null, spec)) ?? changedMeanwhile()
  }

  const control: VmControl = {
    async find(vmId) {
      const rows = await drizzle
        .select({ vm: vms, snapshot: snapshotColumns })
        .from(vms)
        .leftJoin(snapshots, eq(snapshots.vmId, vms.id))
        .where(and(eq(vms.nodeId, nodeId), eq(vms.id, vmId)))
        .orderBy(asc(snapshots.id))
      const [first] = rows
      if (first) return { vm: first.vm, snapshots: rows.flatMap(({ snapshot }) => snapshot ?? []) }
      throw notHere(vmId)
    },

    list: (vmIds) =>
      drizzle
        .select()
        .from(vms)
        .where(and(eq(vms.nodeId, nodeId), vmIds && inArray(vms.id, [...vmIds]))),

    async create(wanted) {
      const { vmId: id, ...rest } = wanted
      const made = await beginCreate(deps, { ...rest, id, description: '', nodeId })
      await ended(made?.begun ?? null)
      if (made) return true
      const there = await findVm(database, id)
      if (!there) throw await createRefusal(wanted)
      if (there.vm.nodeId !== nodeId) throw vmIdTaken(id)
      requireSameVm(there.vm, wanted)
      await requireSameSecrets(secretsOfVm(database, secretBox, id), wanted)
      // Asked for twice: the second one waits for the first.
      if (there.operation?.kind === 'vm.create') await ended(there.operation)
      else if (there.vm.state === 'FAILED') throw notMade(there.vm)
      return false
    },

    async perform(request) {
      const { vmId } = request.input as { vmId: string }
      await requireHere(vmId)
      await ended((await beginAction(deps, vmId, request)).begun)
    },

    async changeDevices(vmId, decide) {
      await requireHere(vmId)
      await ended((await beginChange(deps, vmId, decide)).begun)
    },

    async takeSnapshot(vmId, wanted) {
      await requireHere(vmId)
      const { snapshot, operation } = await beginSnapshot(deps, vmId, wanted)
      await ended(operation)
      return (await getSnapshot(database, vmId, snapshot.id)).snapshot
    },

    async revert(vmId, snapshotId) {
      await requireHere(vmId)
      const options = { startAfterRevert: false, discardCurrent: false }
      await ended((await beginRevert(deps, { vmId, snapshotId }, options)).begun)
    },

    async deleteSnapshot(vmId, snapshotId) {
      await requireHere(vmId)
      await ended((await beginSnapshotDelete(deps, { vmId, snapshotId })).operation)
    },
  }
  return sayingOutages(control)
}

/** The same, but that it says it when the database is away. */
function sayingOutages<Control extends object>(control: Control): Control {
  const say = (error: unknown) => {
    throw (error instanceof AppError ? null : databaseOutage(error)) ?? error
  }
  const wrapped = Object.entries(control).map(([name, work]) => [
    name,
    (...given: unknown[]) => work(...given).catch(say),
  ])
  return Object.fromEntries(wrapped) as Control
}

const notHere = (vmId: string): AppError =>
  new AppError('not_found', `VM ${vmId} does not exist on this node.`, { reason: 'VM_NOT_FOUND' })

const notMade = ({ name, state, message }: VmRow): AppError =>
  new AppError('failed_precondition', `VM ${name} could not be made: ${message} Delete it, then ask for it again.`, {
    reason: 'WRONG_VM_STATE',
    details: { state, remedies: [remedies.delete] },
  })

const workerStopping = (): AppError =>
  new AppError('unavailable', 'The worker stops; what was asked for goes on when it starts again.', {
    reason: 'WORKER_STOPPING',
  })
