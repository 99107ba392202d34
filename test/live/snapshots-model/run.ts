import { aDefinition } from '#test/support/vm-spec.ts'
import type { DiskAccess } from './disk-access.ts'
import { type Model, newModel, storedSnapshots, targets } from './model.ts'
import type { Operation } from './operation.ts'
import { perform } from './perform.ts'
import { diskSizeGib } from './slots.ts'
import { verify } from './verify.ts'

interface Run {
  operations: Iterable<Operation>
  snapshotsMax: number
  /** Ends the run when so many operations were done; those that do not apply are not counted. */
  enough?: number
  onDone?(done: number, operation: Operation, model: Model): void
}

/** The sequence of operations after which a VM was not what it must be. */
export class ModelFailure extends Error {
  readonly operations: readonly Operation[]

  constructor(operations: readonly Operation[], cause: unknown) {
    const last = JSON.stringify(operations.at(-1))
    const problem = cause instanceof Error ? cause.message : String(cause)
    super(`operation ${operations.length}, ${last}: ${problem}`, { cause })
    this.name = 'ModelFailure'
    this.operations = operations
  }
}

/**
 * Does the operations to a new VM, one after the other, and looks after each whether all is as it must be. Resolves to
 * what was done; in the end the VM is removed, and must leave nothing. Throws ModelFailure.
 */
export async function runOperations(node: DiskAccess, { operations, snapshotsMax, enough, onDone }: Run) {
  const model = newModel()
  await makeVm(node, model)
  const done: Operation[] = []
  for (const operation of operations) {
    try {
      if (!(await perform(node, model, operation, snapshotsMax))) continue
      done.push(operation)
      await verify(node, model)
    } catch (error) {
      throw new ModelFailure(done.at(-1) === operation ? done : [...done, operation], error)
    }
    onDone?.(done.length, operation, model)
    if (done.length === enough) break
  }
  await removeVm(node, model)
  return done
}

async function makeVm({ hypervisor }: DiskAccess, { vmId }: Model): Promise<void> {
  const disks = targets.map(() => ({ sizeGib: diskSizeGib }))
  for (const [index, target] of targets.entries()) await hypervisor.createDisk({ vmId, target, ...disks[index] })
  await hypervisor.defineVm(
    aDefinition({ vmId, name: `has-no-agent-${vmId}`, spec: { disks, memory: { sizeMib: 32 } } }),
  )
}

async function removeVm(node: DiskAccess, model: Model): Promise<void> {
  const { vmId } = model
  const { hypervisor } = node
  await hypervisor.destroyVm(vmId)
  await hypervisor.undefineVm(vmId)
  await hypervisor.deleteVmFiles(vmId)
  const left = [...(await node.files(vmId)).keys()]
  if (left.length > 0) throw new Error(`the VM left ${left.join(', ')}; its snapshots were ${storedSnapshots(model)}`)
}
