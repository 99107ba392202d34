import type { Deps } from '#api/deps.ts'
import { getPool, type PoolPlace, poolBusy } from '#api/storage-pools/service.ts'
import { AppError } from '#db/errors.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import { recordVolume, recordVolumeChange } from '#db/operations/record-storage.ts'
import type { VolumeInput } from './schemas.ts'
import { getVolume, type VolumePlace } from './service.ts'
import type { VolumeWithOperation } from './view.ts'

/** A change that was recorded. */
export type Begun = VolumeWithOperation & { operation: NonNullable<VolumeWithOperation['operation']> }

const bytesPerGib = 1024 ** 3

/** Begins to make a volume. Throws `already_exists` where the pool has one of that name. */
export async function createVolume(
  deps: Deps,
  place: PoolPlace,
  { name, sizeGib, source = { type: 'empty' } }: VolumeInput,
): Promise<Begun> {
  const { pool } = await getPool(deps.database, place)
  const found = await recordVolume(deps.database, {
    operationId: deps.newId(),
    storagePoolId: pool.id,
    kind: 'volume.create',
    input: {
      volumeId: deps.newId(),
      pool: pool.name,
      name,
      source,
      sizeBytes: sizeGib === undefined ? null : sizeGib * bytesPerGib,
    },
  })
  return begun(deps, found, () => nameTaken(deps, place, name))
}

/** Begins to take a snapshot of a volume, which becomes a volume of its own. */
export async function snapshotVolume(deps: Deps, place: VolumePlace, name: string): Promise<Begun> {
  const { volume } = await getVolume(deps.database, place)
  const found = await recordVolume(deps.database, {
    operationId: deps.newId(),
    storagePoolId: volume.storagePoolId,
    kind: 'volume.snapshot',
    input: { volumeId: deps.newId(), pool: place.pool, name, of: volume.name },
  })
  return begun(deps, found, () => nameTaken(deps, place, name))
}

/** Begins to make a volume larger. Throws `failed_precondition` for one that is larger already. */
export async function resizeVolume(deps: Deps, place: VolumePlace, sizeGib: number): Promise<Begun> {
  const { volume } = await getVolume(deps.database, place)
  const sizeBytes = sizeGib * bytesPerGib
  if (volume.sizeBytes !== null && sizeBytes < volume.sizeBytes) throw cannotShrink(volume.name, volume.sizeBytes)
  const found = await recordVolumeChange(deps.database, {
    operationId: deps.newId(),
    kind: 'volume.resize',
    input: { volumeId: volume.id, pool: place.pool, name: volume.name, sizeBytes },
  })
  return begun(deps, found, () => obstacle(deps, place))
}

/** Begins to delete a volume. Throws why it cannot be: a VM has it, or it is worked on. */
export async function deleteVolume(deps: Deps, place: VolumePlace): Promise<Begun> {
  const { volume } = await getVolume(deps.database, place)
  const found = await recordVolumeChange(deps.database, {
    operationId: deps.newId(),
    kind: 'volume.delete',
    input: { volumeId: volume.id, pool: place.pool, name: volume.name },
  })
  return begun(deps, found, () => obstacle(deps, place))
}

async function begun(deps: Deps, found: Begun | undefined, why: () => Promise<AppError | null>): Promise<Begun> {
  if (!found) throw (await why()) ?? changedMeanwhile()
  ring(deps, found.operation)
  return found
}

async function nameTaken({ database }: Deps, place: PoolPlace, name: string): Promise<AppError | null> {
  const pool = await getPool(database, place)
  if (pool.pool.state !== 'READY') return poolBusy(pool)
  const { volume } = await getVolume(database, { ...place, volume: name })
  return new AppError(
    'already_exists',
    `The storage pool ${place.pool} has a volume named ${name} already. Choose another name.`,
    { reason: 'VOLUME_EXISTS', details: { pool: place.pool, state: volume.state } },
  )
}

async function obstacle({ database }: Deps, place: VolumePlace): Promise<AppError | null> {
  const { volume, operation } = await getVolume(database, place)
  if (operation) {
    return new AppError(
      'aborted',
      `Volume ${volume.name} has an unfinished operation (${operation.kind}). Wait for it, then try again.`,
      { reason: 'OPERATION_IN_PROGRESS', details: { operationId: operation.id, kind: operation.kind } },
    )
  }
  if (volume.vmId === null) return null
  return new AppError(
    'failed_precondition',
    `Volume ${volume.name} is a disk of VM ${volume.vmId}. Detach it or delete the VM first.`,
    { reason: 'VOLUME_IN_USE', details: { vmId: volume.vmId } },
  )
}

const cannotShrink = (name: string, sizeBytes: number): AppError =>
  new AppError(
    'failed_precondition',
    `Volume ${name} has ${sizeBytes} bytes, and a volume is only made larger: what is at its end would be lost.`,
    { reason: 'VOLUME_CANNOT_SHRINK', details: { sizeBytes } },
  )
