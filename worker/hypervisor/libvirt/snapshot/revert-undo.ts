import type { RevertRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { findDomain } from '../domain.ts'
import { destroyVm, startVm } from '../power.ts'
import { redefine } from '../redefine.ts'
import { withDiskFiles } from '../xml/disk-sources.ts'
import { clearAbandoned } from './abandoned.ts'
import { nvramOfRevert } from './nvram.ts'
import type { RevertDeps } from './revert.ts'
import { filesOf, isOn } from './revert-disks.ts'
import type { RevertEntry } from './revert-journal.ts'
import { readVmState } from './state.ts'
import { readVmVolumes } from './volumes.ts'

/**
 * Puts a VM back on the disks that were current before a revert that failed, and starts it again if it was on: its memory
 * is lost then. A VM that the revert never took away stays as it is.
 */
export async function undoRevert(deps: RevertDeps, request: RevertRequest): Promise<void> {
  const { connection, pool, reverts } = deps
  const { vmId, operationId } = request
  const entry = await reverts.read(vmId, operationId)
  if (await findDomain(connection, vmId)) {
    if (entry) await putBack(deps, request, entry)
    const [left, volumes] = await Promise.all([readVmState(connection, pool, vmId), readVmVolumes(pool, vmId)])
    await clearAbandoned(deps, { vm: left, volumes }, operationId)
  }
  if (entry) await reverts.remove(vmId)
}

async function putBack(deps: RevertDeps, request: RevertRequest, { before }: RevertEntry): Promise<void> {
  const { connection, slowConnection, pool } = deps
  const { vmId } = request
  const vm = await readVmState(connection, pool, vmId)
  const files = filesOf(pool, before.disks)
  if (vm.state !== 'STOPPED' && isOn(vm, files)) return
  await destroyVm(connection, vmId)
  await nvramOfRevert(pool, request).swapBack(before)
  await redefine(connection, vm.dom, (xml) => withDiskFiles(xml, files))
  if (before.state !== 'STOPPED') await startVm(slowConnection, vmId, { paused: before.state === 'PAUSED' })
}
