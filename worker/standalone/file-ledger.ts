import type { ErrorRecord } from '#db/errors.ts'
import { type Claim, SupersededError } from '#db/operations/fence.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { OperationLedger } from '#worker/operations/ledger.ts'
import { applyChange } from './apply-change.ts'
import type { VmFiles, VmRecord } from './vm-files.ts'

/** How an attempt at an operation left it: ended, or put down for a while. */
export type AttemptEnd = { error: ErrorRecord | null } | { delayMs: number }

/** The record of operations on one VM, in its file. */
export interface FileLedger extends OperationLedger {
  readonly end: AttemptEnd | null
}

export function fileLedger(files: VmFiles, vmId: string): FileLedger {
  let end: AttemptEnd | null = null

  const change = (claim: Claim, write: (record: VmRecord, operation: OperationRow) => VmRecord | null) =>
    files.update(vmId, (record) => {
      const operation = record?.operation
      if (!operation || operation.id !== claim.operationId || operation.attempt !== claim.attempt) {
        throw new SupersededError(claim.operationId)
      }
      return write(record, operation)
    })

  return {
    get end() {
      return end
    },
    recordStep: (claim, { name, output }) =>
      change(claim, (record, operation) => ({
        ...record,
        operation: { ...operation, steps: { ...operation.steps, [name]: output ?? null } },
      })),
    async reportProgress(claim, progress) {
      await change(claim, (record, operation) => ({ ...record, operation: { ...operation, progress } }))
      // Nobody can ask for the end of what only images have.
      return { cancelRequested: false }
    },
    beginUndo: (claim, error) =>
      change(claim, (record, operation) => ({ ...record, operation: { ...operation, status: 'undoing', error } })),
    async release(claim, { delayMs, message }) {
      await change(claim, (record, operation) => ({
        ...record,
        vm: { ...record.vm, ...(message !== undefined && { message }) },
        operation: { ...operation, status: operation.status === 'undoing' ? 'undoing' : 'queued' },
      }))
      end = { delayMs }
    },
    async finish(claim, outcome) {
      await change(claim, (record) => {
        const after = applyChange(record, outcome)
        // Nothing of a VM that could not be made is on the node: it may be asked for again.
        return after?.vm.state === 'FAILED' ? null : after
      })
      end = { error: outcome.error }
    },
  }
}
