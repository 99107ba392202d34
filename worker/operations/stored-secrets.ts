import type { Database } from '#db/client.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { secretsOfVm, type VmSecrets } from '#db/secrets/vm-secrets.ts'
import { orUnavailable } from './or-unavailable.ts'

/** A VM's secrets, for its steps: one that needs them while Postgres is away is tried again later. */
export function storedSecrets(db: Database, box: SecretBox, vmId: string): VmSecrets {
  const secrets = secretsOfVm(db, box, vmId)
  return {
    read: (name) => orUnavailable(secrets.read(name)),
    remove: (name) => orUnavailable(secrets.remove(name)),
    revision: (names) => orUnavailable(secrets.revision(names)),
  }
}
