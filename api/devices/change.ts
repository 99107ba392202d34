import { sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { invalidRequest } from '#api/http/validation.ts'
import { actionStatement, type Begun, beginAction } from '#api/vms/actions.ts'
import { getVm } from '#api/vms/service.ts'
import { AppError } from '#db/errors.ts'
import type { OperationInput, OperationKind } from '#db/operations/catalog.ts'
import { type Contradiction, contradictionsIn } from '#db/rules/spec-contradictions.ts'
import type { VmAction } from '#db/rules/vm-actions.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmSpec } from '#db/vm-spec.ts'

const statementOf = (action: VmAction) =>
  actionStatement({ action, condition: sql`vm.spec = ${sql.placeholder('spec')}::jsonb` })

const statements = {
  attachDisk: statementOf('attachDisk'),
  detachDisk: statementOf('detachDisk'),
  resizeDisk: statementOf('resizeDisk'),
  changeMedia: statementOf('changeMedia'),
  attachNic: statementOf('attachNic'),
  detachNic: statementOf('detachNic'),
} as const satisfies Partial<Record<VmAction, unknown>>

interface Change<K extends OperationKind> {
  action: keyof typeof statements
  kind: K
  input: OperationInput<K>
}

/** Begins a change of a VM's devices, which was decided on the VM as it is given. Throws why it cannot be. */
export function beginChange<K extends OperationKind>(
  deps: Deps,
  vm: VmRow,
  { action, kind, input }: Change<K>,
): Promise<Begun> {
  return beginAction(deps, vm.id, {
    action,
    statement: statements[action],
    kind,
    input,
    values: { spec: JSON.stringify(vm.spec) },
  })
}

/** Throws `invalid_argument` for a device that does not go with the rest of its VM, naming the field of the request. */
export function requireFitting(before: VmSpec, after: VmSpec): void {
  const known = contradictionsIn(before)
  const problems = contradictionsIn(after)
    .filter((problem) => !known.some(isSame(problem)))
    .map(({ path, message }) => ({ code: 'custom' as const, path: path.slice(2), message }))
  if (problems.length > 0) throw invalidRequest(problems)
}

const isSame =
  (problem: Contradiction) =>
  (other: Contradiction): boolean =>
    problem.path.join() === other.path.join() && problem.message === other.message

/** Throws `failed_precondition` for a VM that has as many of a kind already as it may have. */
export function requireRoom(
  vm: VmRow,
  devices: readonly unknown[],
  { what, max }: { what: string; max: number },
): void {
  if (devices.length < max) return
  throw new AppError(
    'failed_precondition',
    `VM ${vm.name} has ${max} ${what} already, which is the most. Detach one first.`,
    {
      reason: 'TOO_MANY_DEVICES',
      details: { max },
    },
  )
}

/** The device of a VM. Throws `not_found`. */
export async function requireDevice<Device>(
  deps: Deps,
  vmId: string,
  find: (spec: VmSpec) => Device | undefined,
  { what, reason }: { what: string; reason: string },
): Promise<{ vm: VmRow; device: Device }> {
  const { vm } = await getVm(deps.database, vmId)
  const device = find(vm.spec)
  if (device !== undefined) return { vm, device }
  throw new AppError('not_found', `VM ${vm.name} has no ${what}.`, { reason })
}
