import { AppError } from '#db/errors.ts'
import type { StepContext } from './definition.ts'
import { storedSnapshots } from './stored-snapshot.ts'

/** Throws `failed_precondition` for a VM that would lose writes when it is started or stopped now. */
export async function requireSoundDisks({
  vm,
  snapshots,
  hypervisor,
}: Pick<StepContext<'vm.stop'>, 'vm' | 'snapshots' | 'hypervisor'>): Promise<void> {
  const problem = await hypervisor.checkDisks({ vmId: vm.id, snapshots: storedSnapshots(snapshots) })
  if (problem) throw new AppError('failed_precondition', problem.message, { reason: problem.reason })
}
