import { renderXml } from './render.ts'

export interface DomainSnapshotParameters {
  name: string
  /** Absolute path of the file that takes the memory; null leaves it out. */
  memoryPath: string | null
  /** Every disk of the domain, cdroms too: the overlay's absolute path, or null for one that is left alone. */
  disks: readonly { target: string; overlayPath: string | null }[]
}

/** An external snapshot (https://libvirt.org/formatsnapshot.html). */
export const domainSnapshotXml = ({ name, memoryPath, disks }: DomainSnapshotParameters): string =>
  renderXml({
    domainsnapshot: {
      name,
      memory: memoryPath === null ? { '@snapshot': 'no' } : { '@snapshot': 'external', '@file': memoryPath },
      disks: {
        disk: disks.map(({ target, overlayPath }) =>
          overlayPath === null
            ? { '@name': target, '@snapshot': 'no' }
            : {
                '@name': target,
                '@snapshot': 'external',
                '@type': 'file',
                driver: { '@type': 'qcow2' },
                source: { '@file': overlayPath },
              },
        ),
      },
    },
  })
