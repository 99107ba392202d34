import { AppError } from '#db/errors.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import { vmPrefix } from './storage-names.ts'

interface File {
  name: string
  /** The file of the pool that it stands on. */
  backing: string | null
}

/** The disks, where each is one file. Throws `failed_precondition` for one that stands on another file of the pool. */
export function requireAlone(disks: readonly SnapshotDisk[], files: readonly File[]): SnapshotDisk[] {
  for (const { target, volume } of disks) {
    const backing = files.find(({ name }) => name === volume)?.backing
    if (backing) throw notOneFile(target, [volume, backing])
  }
  return [...disks]
}

/** The disks of a VM of which there are only files. Throws `failed_precondition` for a disk with several. */
export function requireKnown(vmId: string, files: readonly File[]): SnapshotDisk[] {
  const targetOf = (name: string) => name.slice(vmPrefix(vmId).length).split('.', 1)[0] ?? ''
  const ofDisks = files.map(({ name }) => name).filter((name) => name.endsWith('.qcow2'))
  return [...Map.groupBy(ofDisks, targetOf)].map(([target, names]) => {
    const [volume, ...others] = names
    if (volume === undefined || others.length > 0) throw notOneFile(target, names)
    return { target, volume }
  })
}

const notOneFile = (target: string, names: readonly string[]): AppError =>
  new AppError(
    'failed_precondition',
    `Disk ${target} is not one file but several (${names.join(', ')}), so it cannot be kept as a volume of its own. Copy what you need of it, or delete it with its VM.`,
    { reason: 'DISK_NOT_ONE_FILE', details: { target } },
  )
