import type { Logger } from 'pino'
import { AppError, type ErrorRecord, errorRecord } from '#db/errors.ts'
import { type OperationKind, operationInputs } from '#db/operations/catalog.ts'
import type { ClaimedOperation } from '#db/operations/claim.ts'
import type { Claim } from '#db/operations/fence.ts'
import type { OperationProgress, OperationRow } from '#db/schema/operation.ts'
import type { VmSecrets } from '#db/secrets/vm-secrets.ts'
import type { StoredGuestCall } from '#db/stored-guest-calls.ts'
import type { Hypervisor, VmObservation } from '#worker/hypervisor/port.ts'
import { cancelled } from './cancelled.ts'
import type { ImageWork, OperationDefinition, StepContext } from './definition.ts'
import type { OperationLedger } from './ledger.ts'
import { unknownVm } from './observed-vm.ts'
import { orUnavailable } from './or-unavailable.ts'
import { operationDefinitions } from './registry.ts'
import { runSteps, StepFailure, type StepMoment, type StepRun, undoSteps } from './run-steps.ts'

/** After so many attempts a failure that would have been retried counts as permanent; about an hour of backoff. */
const maxAttempts = 120

const firstBackoffMs = 500
const maxBackoffMs = 30_000

export interface ExecuteDependencies {
  ledger: OperationLedger
  hypervisor: Hypervisor
  secretsOf(vmId: string): VmSecrets
  /** Without it, nothing is asked of guests' agents by an operation. */
  guestCallOf?: ((operationId: string) => StoredGuestCall) | undefined
  /** Without it, operations on images are not understood. */
  images?: ImageWork | undefined
  /** Without it, operations on storage pools and volumes are not understood. */
  readPoolSecret?: ((storagePoolId: string) => Promise<string | null>) | undefined
  log: Logger
  signal: AbortSignal
  waiting: StepRun['waiting']
  /** Called with each operation that has succeeded. */
  onSuccess?: ((operation: OperationRow) => void) | undefined
  /** Tests make faults of it. */
  at?: ((operation: OperationRow, step: string, moment: StepMoment) => void | Promise<void>) | undefined
}

/**
 * Brings a claimed operation as far as it goes: to its end, or to a later attempt. Throws SupersededError when it was
 * taken over, and any other error when it could not be written down; it may be called again with the same claim then.
 */
export async function execute(dependencies: ExecuteDependencies, claimed: ClaimedOperation): Promise<void> {
  const { operation } = claimed
  const claim: Claim = {
    operationId: operation.id,
    nodeId: operation.nodeId,
    attempt: operation.attempt,
    epoch: operation.epoch,
  }
  const input = operationInputs[operation.kind]?.safeParse(operation.input)
  if (subjectContext(dependencies, claim, claimed) && input?.success)
    return await executeKind(dependencies, claim, operation.kind, claimed, input.data)

  // Recorded by a newer release, or by nobody of ours: to try again would change nothing.
  const error: ErrorRecord = {
    code: 'unimplemented',
    message: `This node cannot do "${operation.kind}" as it was asked`,
  }
  dependencies.log.error({ operation, err: input?.error }, 'operation not understood')
  await dependencies.ledger.finish(claim, { error, change: { vm: unknownVm(error.message) } })
}

async function executeKind<K extends OperationKind>(
  dependencies: ExecuteDependencies,
  claim: Claim,
  kind: K,
  claimed: ClaimedOperation,
  input: unknown,
): Promise<void> {
  const { ledger, hypervisor, signal, log } = dependencies
  const { operation, vm } = claimed
  const definition: OperationDefinition<K> = operationDefinitions[kind]
  const context = {
    operationId: operation.id,
    createdAt: operation.createdAt,
    input,
    ...subjectContext(dependencies, claim, claimed),
    hypervisor,
    outputs: operation.steps,
    async note(name: string) {
      if (Object.hasOwn(operation.steps, name)) return
      await orUnavailable(ledger.recordStep(claim, { name, output: null }))
      operation.steps[name] = null
    },
    get progress() {
      return operation.progress
    },
    async report(progress: OperationProgress) {
      operation.progress = progress
      const { cancelRequested } = await orUnavailable(ledger.reportProgress(claim, progress))
      if (cancelRequested) throw cancelled()
    },
    signal,
  } as object as StepContext<K>

  /** Puts the operation down after a failure that may pass; false when it is not one, or has lasted too long. */
  const retryLater = async (error: unknown): Promise<boolean> => {
    if (!isTransient(error) || operation.attempt >= maxAttempts) return false
    const delayMs = signal.aborted ? 0 : backoffMs(operation.attempt)
    log.warn({ operation: { ...claim, delayMs }, err: error }, 'operation put down')
    await ledger.release(claim, { delayMs, message: `Trying again: ${error.message}` })
    return true
  }

  if (operation.status !== 'undoing') {
    try {
      const done = await runSteps(definition, context, {
        record: (name, output) => ledger.recordStep(claim, { name, output }),
        waiting: dependencies.waiting,
        at: (step, moment) => dependencies.at?.(operation, step, moment),
      })
      if (!done) return await ledger.release(claim, { delayMs: 0 })
    } catch (failure) {
      if (!(failure instanceof StepFailure)) throw failure
      if (await retryLater(failure.cause)) return
      log[failure.cause instanceof AppError ? 'info' : 'error']({ operation: claim, err: failure }, 'operation failed')
      const error = errorRecord(failure.cause)
      await ledger.beginUndo(claim, error)
      Object.assign(operation, { error, status: 'undoing' })
    }
  }

  /** For people: why it is not known what became of the VM. */
  let unknown: string | undefined
  let observed: VmObservation | null = null
  try {
    if (operation.error) await undoSteps(definition, context)
  } catch (failure) {
    const cause = failure instanceof StepFailure ? failure.cause : failure
    if (await retryLater(cause)) return
    log.error({ operation: claim, err: failure }, 'operation could not be undone')
    unknown = `${operation.error?.message} What it left could not be removed: ${errorRecord(cause).message}`
  }
  try {
    observed = vm && (await hypervisor.observeVm(vm.id))
  } catch (error) {
    if (await retryLater(error)) return
    log.error({ operation: claim, err: error }, 'VM could not be observed')
    unknown ??= `The node could not say what became of the VM: ${errorRecord(error).message}`
  }
  const change = operation.error
    ? definition.failed(context, operation.error, observed)
    : definition.succeeded(context, observed)
  if (unknown !== undefined && change.vm !== 'delete') change.vm = unknownVm(unknown)
  const result = operation.error ? null : (definition.result?.(context) ?? null)
  await ledger.finish(claim, { error: operation.error, change, result, steps: context.outputs })
  const { volumes } = result ?? {}
  log.info({ operation: { ...claim, kind, error: operation.error?.code, volumes } }, 'operation finished')
  if (!operation.error) dependencies.onSuccess?.(operation)
}

/** What the steps work with of what the operation is about; null where there is none, or this node knows none of its kind. */
function subjectContext(
  { images, ledger, readPoolSecret, secretsOf, guestCallOf }: ExecuteDependencies,
  claim: Claim,
  { operation, vm, snapshot, snapshots }: ClaimedOperation,
): object | null {
  if (vm) return { vm, snapshot, snapshots, secrets: secretsOf(vm.id), guestCall: guestCallOf?.(operation.id) }
  if (operation.imageId) return images ? { ...images, ledger, claim } : null
  if (operation.storagePoolId ?? operation.volumeId) return readPoolSecret ? { readPoolSecret } : null
  return null
}

const isTransient = (error: unknown): error is AppError => error instanceof AppError && error.code === 'unavailable'

/** Doubles with each attempt, and spreads what failed together. */
const backoffMs = (attempt: number): number =>
  Math.min(firstBackoffMs * 2 ** Math.min(attempt - 1, 10), maxBackoffMs) * (0.75 + Math.random() / 2)
