import type { Firmware } from '#db/vm-spec.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import { type Model, targets } from './model.ts'
import type { Operation } from './operation.ts'
import { perform } from './perform.ts'
import { emptyContent } from './slots.ts'
import { baseImage, type ModelSystem } from './system.ts'
import { verify } from './verify.ts'

interface Run {
  firmware: Firmware
  operations: Iterable<Operation>
  snapshotsMax: number
  /** Ends the run when so many operations were done; those that do not apply are not counted. */
  enough?: number
  onDone?(done: number, operation: Operation): void
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
export async function runOperations(system: ModelSystem, { operations, snapshotsMax, enough, onDone, firmware }: Run) {
  const model = await makeVm(system, firmware)
  const done: Operation[] = []
  for (const operation of operations) {
    try {
      if (!(await perform(system, model, operation, snapshotsMax))) continue
      done.push(operation)
      await verify(system, model)
    } catch (error) {
      throw new ModelFailure(done.at(-1) === operation ? done : [...done, operation], error)
    }
    onDone?.(done.length, operation)
    if (done.length === enough) break
  }
  await removeVm(system, model)
  return done
}

/** Its disks are a copy of an image, and one that is empty. The name keeps a simulated guest from having an agent. */
async function makeVm({ client }: ModelSystem, firmware: Firmware): Promise<Model> {
  const spec = {
    firmware,
    cpu: { cores: 1 },
    memory: { sizeMib: firmware === 'uefi' ? 64 : 32 },
    disks: [{ baseImage }, { sizeGib: 1 }],
  }
  const body = { name: 'has-no-agent', spec }
  const vm = succeeded(await sdk.createVm({ client, headers: { Prefer: 'wait=30' }, body }))
  return {
    vmId: vm.id,
    firmware,
    state: 'STOPPED',
    disks: targets.map(() => emptyContent),
    nvram: null,
    snapshots: [],
    currentSnapshotId: null,
    littered: false,
    named: 0,
  }
}

async function removeVm({ client, disks }: ModelSystem, { vmId: id }: Model): Promise<void> {
  const headers = { Prefer: 'wait=30' }
  const { error } = await sdk.deleteVm({ client, headers, path: { id }, query: { force: true } })
  if (error) throw new Error(`the VM could not be deleted: ${error.message}`)
  const left = [...(await disks.files(id)).keys()]
  if (left.length > 0) throw new Error(`the VM left ${left.join(', ')}`)
}
