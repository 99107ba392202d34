import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { type ErrorRecord, storedError } from '#db/errors.ts'
import type { VmRequest } from '#db/operations/begin-action.ts'
import { isReached, ruleOf, vmActions } from '#db/rules/vm-actions.ts'
import { actionRefusal, vmNameTaken, vmNotFound } from '#db/rules/vm-refusal.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { sealedSecrets } from '#db/secrets/sealed-secrets.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { writableDisks } from '#db/vm-spec.ts'
import { requireSameSecrets, requireSameVm } from '#worker/daemon/same-vm.ts'
import type { VmControl } from '#worker/daemon/vm-control.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { observedVm } from '#worker/operations/observed-vm.ts'
import { secretsInFile } from './file-secrets.ts'
import { createLocalOperations } from './local-operations.ts'
import { newKeptRow, newOperationRow, newSnapshotRow, newVmRow } from './new-rows.ts'
import {
  checkNewSnapshot,
  checkRoomToKeep,
  checkSnapshotChange,
  countSnapshots,
  keptName,
} from './snapshot-decisions.ts'
import type { VmFiles, VmRecord } from './vm-files.ts'

export interface StandaloneDependencies {
  nodeId: string
  files: VmFiles
  hypervisor: Hypervisor
  secretBox: SecretBox
  /** Most of one VM. */
  maxSnapshots: number
  log: Logger
  /** Called when an operation on a VM has ended. */
  onEnd(vmId: string): void
  /** Called with each operation that has succeeded. */
  onSuccess(operation: OperationRow): void
}

/** The control of a node that has no control plane: what it is asked for is decided and remembered on the node itself. */
export interface StandaloneControl extends VmControl {
  /** Goes on with what a daemon before left unfinished. */
  resume(): void
  /** Remembers how a VM is that has changed without being asked; does nothing where it has no such VM. */
  changedUnasked(vmId: string): Promise<void>
  close(timeoutMs: number): Promise<void>
}

export function createStandaloneControl(dependencies: StandaloneDependencies): StandaloneControl {
  const { nodeId, files, hypervisor, secretBox, maxSnapshots, log } = dependencies
  const operations = createLocalOperations(dependencies)

  /** Waits for an operation that was written down. */
  const ended = async (operation: OperationRow, vmId: string) => throwFailure(await operations.begin(operation, vmId))

  /** What is remembered of a VM that nothing is at work on is made what the hypervisor has. */
  async function refresh(vmId: string): Promise<void> {
    const before = required(files.find(vmId), vmId)
    if (before.operation) return
    const observed = observedVm(await hypervisor.observeVm(vmId), before.vm, before.vm.message)
    const vm = { ...before.vm, ...observed }
    // Whoever wrote meanwhile knows better.
    await files.update(vmId, (now) => (now !== before || isDeepStrictEqual(vm, before.vm) ? now : { ...before, vm }))
  }

  /** Writes down the operation that `decide` makes of what is remembered; it throws why there is none. */
  const record = (vmId: string, decide: (before: VmRecord) => VmRecord) =>
    files.update(vmId, (before) => decide(required(before, vmId)))

  /** Does what `decide` makes of a VM, unless there is nothing to do. */
  async function begin(vmId: string, decide: (vm: VmRow) => VmRequest): Promise<void> {
    await refresh(vmId)
    let begun: OperationRow | undefined
    await record(vmId, (before) => {
      const { vm, operation: current } = before
      const { action, kind, input } = decide(vm)
      if (isReached(action, vm, current)) return before
      const refusal = actionRefusal(action, { vm, operation: current, snapshots: countSnapshots(before) })
      if (refusal) throw refusal
      begun = newOperationRow(kind, { ...input, vmId }, nodeId)
      return { ...before, vm: { ...vm, state: ruleOf(action).meanwhile ?? vm.state, message: '' }, operation: begun }
    })
    if (begun) await ended(begun, vmId)
  }

  return {
    find: async (vmId) => required(files.find(vmId), vmId),
    list: async (vmIds) => (vmIds ? vmIds.flatMap((vmId) => files.find(vmId) ?? []) : files.all()).map(({ vm }) => vm),

    async create(wanted) {
      const operation = newOperationRow('vm.create', { vmId: wanted.vmId }, nodeId)
      const secrets = (await sealedSecrets(secretBox, wanted.vmId, wanted.secrets)) ?? []
      let made = false
      await files.update(wanted.vmId, (before) => {
        if (before) {
          requireSameVm(before.vm, wanted)
          return before
        }
        checkName(files, wanted.name)
        made = true
        return { vm: newVmRow(wanted, nodeId), snapshots: [], operation, asked: [], secrets }
      })
      if (made) await ended(operation, wanted.vmId)
      else await requireSameSecrets(secretsInFile(files, secretBox, wanted.vmId), wanted)
      // Asked for twice: the second one waits for the first.
      const current = operations.current(wanted.vmId)
      if (current && files.find(wanted.vmId)?.operation?.kind === 'vm.create') {
        throwFailure(await current)
      }
      return made
    },

    perform: (request) => begin((request.input as { vmId: string }).vmId, () => request),
    changeDevices: (vmId, decide) => begin(vmId, decide),

    async takeSnapshot(vmId, wanted) {
      await refresh(vmId)
      const node = await hypervisor.describeNode()
      const snapshot = newSnapshotRow(vmId, wanted)
      const operation = newOperationRow('snapshot.create', { vmId, snapshotId: snapshot.id }, nodeId)
      await record(vmId, (before) => {
        checkNewSnapshot(before, wanted, node, maxSnapshots)
        // One that failed has told why; nothing of it is there.
        const others = before.snapshots.filter(({ state }) => state !== 'FAILED')
        return { ...before, snapshots: [...others, snapshot], operation }
      })
      await ended(operation, vmId)
      return required(files.find(vmId)?.snapshots.find(({ id }) => id === snapshot.id) as SnapshotRow | undefined, vmId)
    },

    async revert(vmId, snapshotId) {
      await refresh(vmId)
      let operation: OperationRow | undefined
      await record(vmId, (before) => {
        const snapshot = checkSnapshotChange(before, snapshotId, 'revert')
        checkRoomToKeep(before, maxSnapshots)
        const kept = newKeptRow(vmId, keptName(before, snapshot))
        operation = newOperationRow('snapshot.revert', { vmId, snapshotId, start: false, keepAs: kept.id }, nodeId)
        const snapshots = writableDisks(before.vm.spec).length > 0 ? [...before.snapshots, kept] : before.snapshots
        return { ...before, vm: { ...before.vm, state: vmActions.revert.meanwhile, message: '' }, snapshots, operation }
      })
      if (operation) await ended(operation, vmId)
    },

    async deleteSnapshot(vmId, snapshotId) {
      await refresh(vmId)
      const operation = newOperationRow('snapshot.delete', { vmId, snapshotId }, nodeId)
      await record(vmId, (before) => {
        checkSnapshotChange(before, snapshotId, 'deleteSnapshot')
        const snapshots = before.snapshots.map((one) =>
          one.id === snapshotId ? { ...one, state: 'DELETING' as const } : one,
        )
        return { ...before, snapshots, operation }
      })
      await ended(operation, vmId)
    },

    resume() {
      for (const { vm, operation } of files.all()) {
        if (!operation) continue
        operations
          .begin(operation, vm.id)
          .then((error) =>
            log.info({ operation: { id: operation.id, kind: operation.kind, error } }, 'operation ended'),
          )
          .catch((err) => log.error({ err }, 'operation could not be resumed'))
      }
    },
    async changedUnasked(vmId) {
      if (files.find(vmId)) await refresh(vmId)
    },
    close: operations.close,
  }
}

function required<Found>(found: Found | undefined, vmId: string): Found {
  if (found) return found
  throw vmNotFound(vmId)
}

/** Throws `already_exists` for a name that another VM has. */
function checkName(files: VmFiles, name: string): void {
  const namesake = files.all().find(({ vm }) => vm.name === name)
  if (namesake) throw vmNameTaken(name, namesake.vm.id)
}

function throwFailure(error: ErrorRecord | null): void {
  if (error) throw storedError(error)
}
