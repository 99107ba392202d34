import { AppError } from '#db/errors.ts'
import { isOfSnapshot } from '#worker/hypervisor/storage-names.ts'
import { findDomain } from '../domain.ts'
import { readQemuDisks } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { StoragePool } from '../storage-pool.ts'
import { type CheckDeps, checkDisks, type SoundVm } from './check-disks.ts'
import { isIdle } from './idle.ts'
import type { SnapshotJournal } from './journal.ts'
import type { Settlements } from './settle.ts'
import { readVmState } from './state.ts'
import { readVmVolumes, type VmVolumes } from './volumes.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
}

/**
 * Removes what a failed attempt at a snapshot left, and its journal. Where the VM's disks are out of step its files stay:
 * one of them may hold the last writes. Resolves to whether files are left because the VM writes to them.
 */
export async function discardSnapshot(
  deps: CheckDeps & { journal: SnapshotJournal; settlements: Settlements },
  vmId: string,
  snapshotId: string,
): Promise<boolean> {
  const { connection, pool, journal, settlements, log } = deps
  const entry = await journal.read(vmId, snapshotId)
  const settled = entry && (await settlements.settle(entry))
  const diskProblem = await checkDisks(deps, { vmId, snapshots: [] })
  const dom = await findDomain(connection, vmId)
  let left: VmVolumes = new Map()
  if (diskProblem) log.warn({ vm: { id: vmId, diskProblem }, snapshot: { id: snapshotId } }, 'files are left')
  else {
    const volumes = await readVmVolumes(pool, vmId)
    if (dom) left = await clearAbandoned(deps, { vm: await readVmState(connection, pool, vmId), volumes }, snapshotId)
    else await removeUnused(pool, volumes, vmId, snapshotId, new Set())
  }
  // Of a guest that was not seen thawed yet the next worker must know.
  if (settled?.settled !== false) await journal.remove(vmId, snapshotId)
  return [...left.keys()].some((name) => isOfSnapshot(name, vmId, snapshotId))
}

/**
 * Removes the files of a snapshot that was not taken, of a VM whose disks were checked. Resolves to the files that are
 * left. Throws `unavailable` while libvirt still works at an earlier attempt.
 */
export async function clearAbandoned(
  { connection, pool }: Deps,
  { vm, volumes }: Pick<SoundVm, 'vm' | 'volumes'>,
  snapshotId: string,
): Promise<VmVolumes> {
  const { vmId, dom, state } = vm
  const isOn = state !== 'STOPPED'
  if (isOn && !(await isIdle(connection, dom))) {
    // libvirt goes on with a snapshot whose caller is gone: its files are not to be touched meanwhile.
    throw new AppError('unavailable', 'libvirt is still busy with this VM.', { reason: 'HYPERVISOR_BUSY' })
  }
  if (![...volumes.keys()].some((name) => isOfSnapshot(name, vmId, snapshotId))) return volumes
  const used = new Set([...vm.live.disks, ...vm.inactive.disks].map(({ path }) => path))
  if (isOn) for (const { chain } of await readQemuDisks(connection, dom)) for (const file of chain) used.add(file)
  return removeUnused(pool, volumes, vmId, snapshotId, used)
}

async function removeUnused(
  pool: StoragePool,
  volumes: VmVolumes,
  vmId: string,
  snapshotId: string,
  used: ReadonlySet<string | null>,
): Promise<VmVolumes> {
  const backings = new Set([...volumes.values()].map(({ backing }) => backing?.path))
  const left = new Map(volumes)
  for (const [name, { path }] of volumes) {
    if (!isOfSnapshot(name, vmId, snapshotId) || used.has(path) || backings.has(path)) continue
    await pool.remove(name)
    left.delete(name)
  }
  return left
}
