import { findDomain, hadQemu, readRunState, requireDomain } from '../domain.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import { type CheckDeps, requireSoundDisks } from './check-disks.ts'
import { readVmState, type VmState } from './state.ts'

/** Changes the file that a VM writes to while its guest stands still; it goes on when the definitions agree on the file. */
export async function holdStill(deps: CheckDeps, vm: VmState, change: () => Promise<void>): Promise<void> {
  const { connection, pool, reclaims } = deps
  if (vm.state === 'RUNNING') {
    await reclaims.write({ ...(await reclaims.read(vm.vmId)), pauses: true })
    await connection.call(remote.domainSuspend, { dom: vm.dom })
  }
  try {
    await change()
  } catch (error) {
    // Without an answer from libvirt nobody knows what QEMU writes to: the next attempt looks, and lets the guest go on.
    if (isLibvirtError(error)) await letGoOn(deps, vm.vmId)
    throw error
  }
  const changed = await readVmState(connection, pool, vm.vmId)
  await (definitionsAgree(changed) ? wakeIfPaused(deps, changed) : letGoOn(deps, vm.vmId))
}

const definitionsAgree = ({ disks, inactive }: VmState): boolean =>
  disks.every(({ target, path }) => path === (inactive.disks.find((disk) => disk.target === target)?.path ?? path))

/** Brings the inactive definition after what runs, then wakes the guest if it stands still for our sake. */
export async function letGoOn(deps: CheckDeps, vmId: string): Promise<void> {
  const { connection, pool } = deps
  const dom = await requireDomain(connection, vmId)
  const vm = hadQemu(dom) ? (await requireSoundDisks(deps, vmId)).vm : await readVmState(connection, pool, vmId)
  await wakeIfPaused(deps, vm)
}

async function wakeIfPaused({ connection, reclaims }: CheckDeps, { vmId, dom, state }: VmState): Promise<void> {
  const entry = await reclaims.read(vmId)
  if (!entry.pauses) return
  if (state === 'PAUSED') await wake(connection, dom)
  await reclaims.write({ ...entry, pauses: false })
}

async function wake(connection: LibvirtConnection, dom: Domain): Promise<void> {
  try {
    await connection.call(remote.domainResume, { dom })
  } catch (error) {
    // Somebody else was faster.
    if ((await readRunState(connection, dom)) === 'PAUSED') throw error
  }
}

/** Wakes every guest that a worker killed at that moment left standing still. */
export async function letAllGoOn(deps: CheckDeps): Promise<void> {
  for (const vmId of await deps.reclaims.listPaused()) {
    try {
      if (await findDomain(deps.connection, vmId)) await letGoOn(deps, vmId)
    } catch (error) {
      deps.log.warn({ err: error, vm: { id: vmId } }, 'cannot wake the guest after a merge of its disks')
    }
  }
}
