import { sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { invalidRequest } from '#api/http/validation.ts'
import { actionStatement, type Begun, beginAction } from '#api/vms/actions.ts'
import type { DeviceAction, DeviceChange, DeviceKind, RefuseFields } from '#db/rules/device-change.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { getVm } from '#db/vms.ts'

const statementOf = (action: DeviceAction) =>
  actionStatement({ action, condition: sql`vm.spec = ${sql.placeholder('spec')}::jsonb` })

const statements = {
  attachDisk: statementOf('attachDisk'),
  detachDisk: statementOf('detachDisk'),
  resizeDisk: statementOf('resizeDisk'),
  changeMedia: statementOf('changeMedia'),
  attachNic: statementOf('attachNic'),
  detachNic: statementOf('detachNic'),
} as const satisfies Record<DeviceAction, unknown>

/** Begins a change of a VM's devices, decided on the VM as it is. Throws `not_found`, and why it cannot be. */
export async function beginChange<K extends DeviceKind>(
  deps: Deps,
  vmId: string,
  decide: (vm: VmRow) => DeviceChange<K>,
): Promise<Begun> {
  const { vm } = await getVm(deps.database, vmId)
  const { action, kind, input } = decide(vm)
  return beginAction(deps, vmId, {
    action,
    statement: statements[action],
    kind,
    input,
    values: { spec: JSON.stringify(vm.spec) },
  })
}

/** The refusal of a device, which names the fields of its request. */
export const refuseFields: RefuseFields = (problems) =>
  invalidRequest(problems.map(({ path, message }) => ({ code: 'custom', path: [...path], message })))
