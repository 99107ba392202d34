import type { SecretBox } from '#db/secrets/secret-box.ts'
import type { VmSecrets } from '#db/secrets/vm-secrets.ts'
import type { VmFiles } from './vm-files.ts'

/** The secrets of a VM, sealed in its file. */
export function secretsInFile(files: VmFiles, box: Pick<SecretBox, 'open'>, vmId: string): VmSecrets {
  const sealed = () => files.find(vmId)?.secrets ?? []
  return {
    async read(name) {
      const found = sealed().find((secret) => secret.name === name)
      return found ? box.open({ id: vmId, name }, found) : null
    },
    remove: (name) =>
      files.update(vmId, (record) =>
        record?.secrets.some((secret) => secret.name === name)
          ? { ...record, secrets: record.secrets.filter((secret) => secret.name !== name) }
          : record,
      ),
    async revision(names) {
      const found = sealed().filter(({ name }) => names.includes(name))
      return found.map(({ nonce }) => nonce).join('.')
    },
  }
}
