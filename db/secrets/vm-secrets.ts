import { and, eq, inArray } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import type { SecretBox } from './secret-box.ts'

/** The secrets that a VM may have, by their field in the spec. */
export const secretNames = [
  'cloudInit.userData',
  'cloudInit.metaData',
  'cloudInit.networkConfig',
  'display.password',
] as const
export type SecretName = (typeof secretNames)[number]

/** A VM's secrets, read when they are needed, and kept nowhere. */
export interface VmSecrets {
  /** Null where it is not set. Throws `failed_precondition` where no key opens it. */
  read(name: SecretName): Promise<string | null>
  /** Forgets it, if it is there. */
  remove(name: SecretName): Promise<void>
  /** Another text whenever one of these was set anew, or taken away; it tells nothing of them, and needs no key. */
  revision(names: readonly SecretName[]): Promise<string>
}

export function secretsOfVm({ drizzle }: Database, box: SecretBox, vmId: string): VmSecrets {
  const isNamed = (...names: SecretName[]) => and(eq(vmSecrets.vmId, vmId), inArray(vmSecrets.name, names))
  return {
    async read(name) {
      const [sealed] = await drizzle.select().from(vmSecrets).where(isNamed(name))
      return sealed ? box.open({ id: vmId, name }, sealed) : null
    },
    async remove(name) {
      await drizzle.delete(vmSecrets).where(isNamed(name))
    },
    async revision(names) {
      // Drawn anew each time.
      const { nonce } = vmSecrets
      const found = await drizzle
        .select({ nonce })
        .from(vmSecrets)
        .where(isNamed(...names))
        .orderBy(vmSecrets.name)
      return found.map((secret) => secret.nonce).join('.')
    },
  }
}
