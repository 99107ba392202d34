import { z } from 'zod'
import { plainNamePattern } from '#db/plain-name.ts'
import { storagePoolSource } from '#db/storage-pool-source.ts'
import { volumeSource } from '#db/volume-source.ts'

const name = z.string().regex(plainNamePattern)
const storagePoolId = z.uuid()
const sizeBytes = z.int()

/** Of a volume in a pool, by the names that the node knows. */
const volume = { volumeId: z.uuid(), pool: name, name }

export const storageInputs = {
  'storage-pool.create': z.object({ storagePoolId, name, source: storagePoolSource }),
  'storage-pool.delete': z.object({ storagePoolId, name }),
  'volume.create': z.object({ ...volume, sizeBytes: sizeBytes.nullable(), source: volumeSource }),
  'volume.resize': z.object({ ...volume, sizeBytes }),
  'volume.delete': z.object(volume),
  /** `of`: the volume that is snapshotted; `name` is the snapshot, a volume too. */
  'volume.snapshot': z.object({ ...volume, of: name }),
} as const
