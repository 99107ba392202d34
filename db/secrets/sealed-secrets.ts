import type { SealedSecret, SecretBox } from './secret-box.ts'
import type { SecretName } from './vm-secrets.ts'

/** The secrets in a request, in clear. */
export type GivenSecrets = Partial<Record<SecretName, string>>

/** A secret as the database keeps it. */
export interface NamedSecret extends SealedSecret {
  name: SecretName
}

/** Null where there are none. Throws `failed_precondition` without a key. */
export async function sealedSecrets(
  box: Pick<SecretBox, 'seal'>,
  vmId: string,
  given: GivenSecrets,
): Promise<NamedSecret[] | null> {
  const secrets = Object.entries(given) as [SecretName, string][]
  if (secrets.length === 0) return null
  return Promise.all(secrets.map(async ([name, text]) => ({ name, ...(await box.seal({ id: vmId, name }, text)) })))
}
