import { AppError } from '#db/errors.ts'
import type { OperationInput } from '#db/operations/catalog.ts'
import type { deviceInputs } from '#db/operations/device-inputs.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import { type Contradiction, newContradictionsIn } from './spec-contradictions.ts'
import type { VmAction } from './vm-actions.ts'

export type DeviceKind = keyof typeof deviceInputs

/** Whether a VM may begin one is asked of `vmRefusal` and `snapshotBarRefusal` besides. */
export type DeviceAction = Extract<
  VmAction,
  'attachDisk' | 'detachDisk' | 'resizeDisk' | 'changeMedia' | 'attachNic' | 'detachNic'
>

/** A change of a VM's devices, which was decided on its spec as it was: of another one it is decided anew. */
export interface DeviceChange<K extends DeviceKind = DeviceKind> {
  action: DeviceAction
  kind: K
  input: OperationInput<K>
}

/** Makes the refusal of a device whose fields do not go together, or not with its VM; the paths are the device's own. */
export type RefuseFields = (problems: readonly Contradiction[]) => AppError

/** Throws what `refuse` makes of a device that does not go with the rest of its VM. */
export function requireFitting(before: VmSpec, after: VmSpec, refuse: RefuseFields): void {
  const problems = newContradictionsIn(before, after)
  if (problems.length > 0) throw refuse(problems.map(({ path, message }) => ({ path: path.slice(2), message })))
}

/** Throws `failed_precondition` for a VM that has as many of a kind already as it may have. */
export function requireRoom(
  { name }: Pick<VmRow, 'name'>,
  devices: readonly unknown[],
  { what, max }: { what: string; max: number },
): void {
  if (devices.length < max) return
  throw new AppError(
    'failed_precondition',
    `VM ${name} has ${max} ${what} already, which is the most. Detach one first.`,
    {
      reason: 'TOO_MANY_DEVICES',
      details: { max },
    },
  )
}

/** The device of a VM. Throws `not_found`. */
export function requireDevice<Device>(
  { name }: Pick<VmRow, 'name'>,
  device: Device | undefined,
  { what, reason }: { what: string; reason: string },
): Device {
  if (device !== undefined) return device
  throw new AppError('not_found', `VM ${name} has no ${what}.`, { reason })
}
