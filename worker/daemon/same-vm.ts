import { vmIdTaken } from '#db/rules/vm-refusal.ts'
import { isSameJson } from '#db/same-json.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { SecretName, VmSecrets } from '#db/secrets/vm-secrets.ts'
import type { NewVm } from './vm-control.ts'

/** Throws `already_exists` for a VM that has the id of the one that is asked for, and is another one. */
export function requireSameVm(there: VmRow, { vmId, name, spec }: NewVm): void {
  if (there.name !== name || !isSameJson(there.spec, spec)) throw vmIdTaken(vmId)
}

/** Throws `already_exists` where the VM that is there has other secrets, and what `read` throws where no key opens them. */
export async function requireSameSecrets(there: VmSecrets, { vmId, secrets }: NewVm): Promise<void> {
  for (const [name, text] of Object.entries(secrets) as [SecretName, string][]) {
    if ((await there.read(name)) !== text) throw vmIdTaken(vmId)
  }
}
