import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { findSettledVms, recordDiskProblem, type SettledVm } from '#db/observed-state.ts'
import type { Claimant } from '#db/operations/claim.ts'
import { findReadySnapshots } from '#db/stored-snapshots.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { createPlaces } from '#worker/places.ts'
import { withinDeadline } from '#worker/repeat.ts'

/** Holds the disks of the node's VMs against what must be true of them, and writes down what cannot be repaired. */
export interface DiskChecks {
  /** Does nothing while an operation is at work on the VM. */
  check(vmId: string): Promise<void>
  checkAll(): Promise<void>
}

interface DiskChecksDependencies {
  db: Database
  hypervisor: Pick<Hypervisor, 'checkDisks'>
  claimant: Claimant
  log: Logger
}

/** A check asks libvirt six times and QEMU twice. */
const concurrency = 4

/** A repair that takes longer goes on, and a later check gets its answer: the other VMs do not wait for it. */
const waitMs = 4000

export function createDiskChecks({ db, hypervisor, claimant, log }: DiskChecksDependencies): DiskChecks {
  const places = createPlaces(concurrency)

  async function checkThese(vmId?: string): Promise<void> {
    const { nodeId } = claimant
    const [vms, snapshots] = await Promise.all([findSettledVms(db, nodeId, vmId), findReadySnapshots(db, nodeId, vmId)])
    const snapshotsOf = Map.groupBy(snapshots, (snapshot) => snapshot.vmId)
    await Promise.all(vms.filter(({ busy }) => !busy).map((vm) => checkVm(vm, snapshotsOf.get(vm.id) ?? [])))
  }

  async function checkVm(vm: SettledVm, snapshots: StoredSnapshot[]): Promise<void> {
    await places.take()
    try {
      const diskProblem = await withinDeadline(hypervisor.checkDisks({ vmId: vm.id, snapshots }), waitMs)
      if (isDeepStrictEqual(diskProblem, vm.diskProblem)) return
      if (!(await recordDiskProblem(db, claimant, vm, diskProblem))) return
      log.warn({ vm: { id: vm.id, diskProblem } }, diskProblem ? 'disks are out of step' : 'disks are in step again')
    } catch (err) {
      // Nothing is known, so what was known stays.
      const passes = err instanceof AppError && err.code === 'unavailable'
      log[passes ? 'debug' : 'warn']({ err, vm: { id: vm.id } }, 'disks cannot be checked')
    } finally {
      places.give()
    }
  }

  return { check: checkThese, checkAll: () => checkThese() }
}
