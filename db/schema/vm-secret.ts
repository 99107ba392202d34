import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { SecretName } from '#db/secrets/vm-secrets.ts'
import { vms } from './vm.ts'

/** What a VM's users said and nobody reads back, sealed with a key that is not in the database. See SealedSecret. */
export const vmSecrets = pgTable(
  'vm_secrets',
  {
    vmId: uuid()
      .notNull()
      .references(() => vms.id, { onDelete: 'cascade' }),
    name: text().$type<SecretName>().notNull(),
    keyId: text().notNull(),
    nonce: text().notNull(),
    ciphertext: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.vmId, t.name] })],
)
