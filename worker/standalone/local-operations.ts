import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { AppError, type ErrorRecord } from '#db/errors.ts'
import { type ClaimedOperation, claimedWith } from '#db/operations/claim.ts'
import { SupersededError } from '#db/operations/fence.ts'
import { overtakenMessage } from '#db/operations/overtake.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { execute } from '#worker/operations/execute.ts'
import { fileLedger } from './file-ledger.ts'
import { secretsInFile } from './file-secrets.ts'
import type { VmFiles } from './vm-files.ts'

/** Runs the operations of a node without a control plane. */
export interface LocalOperations {
  /** Runs an operation that stands in its VM's file, in the place of one that it overtook. Resolves to why it failed. */
  begin(operation: Pick<OperationRow, 'id'>, vmId: string): Promise<ErrorRecord | null>
  /** What goes on of a VM; undefined where nothing does. */
  current(vmId: string): Promise<ErrorRecord | null> | undefined
  /** Begins nothing more, and waits until what runs has ended or was put down, or the time is up. */
  close(timeoutMs: number): Promise<void>
}

interface Work {
  ended: Promise<ErrorRecord | null>
  /** Ends what it waits for. */
  overtaken: AbortController
}

/** A file that could not be written may be written later. */
const fileRetryMs = 1000

interface LocalOperationsDependencies {
  files: VmFiles
  hypervisor: Hypervisor
  secretBox: SecretBox
  log: Logger
  onEnd(vmId: string): void
  onSuccess(operation: OperationRow): void
}

export function createLocalOperations(dependencies: LocalOperationsDependencies): LocalOperations {
  const { files, hypervisor, secretBox, log, onEnd, onSuccess } = dependencies
  const secretsOf = (vmId: string) => secretsInFile(files, secretBox, vmId)
  const stopping = new AbortController()
  /** By VM. */
  const running = new Map<string, Work>()

  async function run(operationId: string, vmId: string, signal: AbortSignal): Promise<ErrorRecord | null> {
    while (!stopping.signal.aborted) {
      const ledger = fileLedger(files, vmId)
      try {
        const claimed = await claim(files, operationId, vmId)
        await execute({ ledger, secretsOf, hypervisor, log, onSuccess, signal, waiting: (wait) => wait() }, claimed)
      } catch (error) {
        if (error instanceof SupersededError) return { code: 'aborted', reason: 'OVERTAKEN', message: overtakenMessage }
        log.warn({ operation: { id: operationId }, err: error }, 'operation could not be written down')
      }
      if (ledger.end && 'error' in ledger.end) return ledger.end.error
      await delay(ledger.end?.delayMs ?? fileRetryMs, undefined, { signal }).catch(() => {})
    }
    return {
      code: 'unavailable',
      reason: 'WORKER_STOPPING',
      message: 'The daemon stops; it goes on when it starts again.',
    }
  }

  return {
    begin({ id }, vmId) {
      const before = running.get(vmId)
      before?.overtaken.abort()
      const overtaken = new AbortController()
      const ended = (async () => {
        await before?.ended
        return await run(id, vmId, AbortSignal.any([stopping.signal, overtaken.signal]))
      })().finally(() => {
        if (running.get(vmId)?.ended === ended) running.delete(vmId)
        onEnd(vmId)
      })
      running.set(vmId, { ended, overtaken })
      return ended
    },
    current: (vmId) => running.get(vmId)?.ended,
    async close(timeoutMs) {
      stopping.abort()
      const ended = Promise.allSettled([...running.values()].map((work) => work.ended))
      await Promise.race([ended, delay(timeoutMs, undefined, { ref: false })])
    },
  }
}

/** Counts one attempt more, and reads what it works with. Throws SupersededError where another one has its place. */
async function claim(files: VmFiles, operationId: string, vmId: string): Promise<ClaimedOperation> {
  await files.update(vmId, (record) => {
    const operation = record?.operation
    if (operation?.id !== operationId) throw new SupersededError(operationId)
    const status = operation.status === 'undoing' ? 'undoing' : 'running'
    return { ...record, operation: { ...operation, status, attempt: operation.attempt + 1 } } as typeof record
  })
  const { vm, snapshots, operation } = structuredClone(files.find(vmId)) ?? {}
  if (!operation || !snapshots) throw new AppError('internal', `VM ${vmId} has gone while it was worked on`)
  return claimedWith(operation, vm ?? null, snapshots)
}
