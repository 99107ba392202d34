import { isDeepStrictEqual } from 'node:util'
import { AppError } from '#db/errors.ts'
import { vmNameTaken } from '#db/rules/vm-refusal.ts'
import type { SecretName, VmSecrets } from '#db/secrets/vm-secrets.ts'
import type { NewVm } from '#worker/daemon/vm-control.ts'
import type { VmFiles, VmRecord } from './vm-files.ts'

/** A VM that is there already, where it is the one that is asked for. Throws `already_exists`. */
export function sameVm(before: VmRecord, { vmId, name, spec }: NewVm): VmRecord {
  if (before.vm.name === name && isDeepStrictEqual(before.vm.spec, spec)) return before
  throw anotherVm(vmId)
}

/** Throws `already_exists` where the VM that is there has other secrets, and what `read` throws where no key opens them. */
export async function requireSameSecrets(there: VmSecrets, { vmId, secrets }: NewVm): Promise<void> {
  for (const [name, text] of Object.entries(secrets) as [SecretName, string][]) {
    if ((await there.read(name)) !== text) throw anotherVm(vmId)
  }
}

/** Throws `already_exists` for a name that another VM has. */
export function checkName(files: VmFiles, { name }: NewVm): void {
  const namesake = files.all().find(({ vm }) => vm.name === name)
  if (namesake) throw vmNameTaken(name, namesake.vm.id)
}

const anotherVm = (vmId: string): AppError =>
  new AppError('already_exists', `VM ${vmId} exists already, and is another one. Choose another id.`, {
    reason: 'VM_ID_TAKEN',
    details: { vmId },
  })
