import { z } from 'zod'
import { AppError } from '#db/errors.ts'

const uuid = z.guid()

/** The VM that a request names. Throws `invalid_argument` for what is no UUID. */
export const readVmId = ({ vmId }: { vmId: string }): string => readUuid('vm_id', vmId)

/** The snapshot that a request names. Throws `invalid_argument` for what is no UUID. */
export const readSnapshotId = ({ snapshotId }: { snapshotId: string }): string => readUuid('snapshot_id', snapshotId)

function readUuid(field: string, value: string): string {
  if (uuid.safeParse(value).success) return value.toLowerCase()
  throw new AppError('invalid_argument', `${field} must be a UUID.`, { reason: 'INVALID_ID', details: { field } })
}
