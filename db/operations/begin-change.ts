import { sql } from 'drizzle-orm'
import type { DeviceAction, DeviceChange, DeviceKind } from '#db/rules/device-change.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { getVm } from '#db/vms.ts'
import { type BeginDependencies, untilBegun } from './begin.ts'
import { actionStatement, type Begun, tryAction } from './begin-action.ts'

const statementOf = (action: DeviceAction) => actionStatement(action, sql`vm.spec = ${sql.placeholder('spec')}::jsonb`)

const statements = {
  attachDisk: statementOf('attachDisk'),
  detachDisk: statementOf('detachDisk'),
  resizeDisk: statementOf('resizeDisk'),
  changeMedia: statementOf('changeMedia'),
  attachNic: statementOf('attachNic'),
  detachNic: statementOf('detachNic'),
} as const satisfies Record<DeviceAction, unknown>

/**
 * Begins a change of a VM's devices, decided on the VM as it is; of one that has changed meanwhile it is decided anew.
 * Throws `not_found`, and why it cannot be.
 */
export const beginChange = <K extends DeviceKind>(
  deps: BeginDependencies,
  vmId: string,
  decide: (vm: VmRow) => DeviceChange<K>,
): Promise<Begun> =>
  untilBegun(async () => {
    const { vm } = await getVm(deps.database, vmId)
    const change = decide(vm)
    const values = { spec: JSON.stringify(vm.spec) }
    return await tryAction(deps, vmId, change, { statement: statements[change.action], values })
  })
