import { z } from 'zod'
import { plainNamePattern } from '#db/plain-name.ts'
import type { VolumeSource } from '#db/volume-source.ts'
import type { StorageCalls } from '#worker/hypervisor/storage-calls.ts'
import type { Calls } from './calls.ts'
import { type FieldProblem, invalidRequest, readFields } from './invalid-request.ts'
import { limit, only } from './read-fields.ts'
import { readPool } from './read-pool.ts'
import { fileView, poolView, volumeView } from './storage-views.ts'

/** As large as a disk of a VM may be. */
const mostBytes = 65_536 * 2 ** 30

const plainName = z.string().regex(plainNamePattern, 'must be a plain name: letters, digits and . _ + -, at most 128')
const poolName = z.object({ poolId: plainName })
const volumeName = z.object({ poolId: plainName, volumeId: plainName })

/** One that is a copy. */
const made = <Type extends string>(sourceType: Type, source: (id: string) => VolumeSource) =>
  volumeName
    .extend({ sourceType: z.literal(sourceType), sizeBytes: limit(mostBytes), sourceId: plainName })
    .transform(({ sizeBytes = null, sourceId, ...name }) => ({ ...name, sizeBytes, source: source(sourceId) }))

const newVolume = z.discriminatedUnion('sourceType', [
  volumeName
    .extend({
      sourceType: z.literal('VOLUME_SOURCE_TYPE_EMPTY'),
      sizeBytes: z.int().min(1, 'must be there: an empty volume has no other').max(mostBytes),
      sourceId: only('', 'must be empty: an empty volume is made of nothing'),
    })
    .transform(({ sourceId: _, ...volume }) => ({ ...volume, source: { type: 'empty' } as VolumeSource })),
  made('VOLUME_SOURCE_TYPE_CLONE', (volumeId) => ({ type: 'volume', volumeId })),
  made('VOLUME_SOURCE_TYPE_IMAGE', (name) => ({ type: 'image', name })),
  made('VOLUME_SOURCE_TYPE_SNAPSHOT', (volumeId) => ({ type: 'snapshot', volumeId })),
])

const resize = volumeName.extend({ newSizeBytes: z.int().min(1).max(mostBytes) })
const clone = z.object({ poolId: plainName, sourceVolumeId: plainName, destVolumeId: plainName })
const snapshot = volumeName.extend({ snapshotId: plainName })

/** What a node does with storage pools and their volumes, whoever controls its VMs. */
export const storageCalls = (hypervisor: StorageCalls) =>
  ({
    async InitStoragePool(request) {
      return poolView(await hypervisor.initStoragePool(await readPool(request)))
    },
    async DestroyStoragePool(request) {
      await hypervisor.destroyStoragePool(readFields(poolName, request, invalid).poolId)
      return {}
    },
    async GetStoragePoolInfo(request) {
      return poolView(await hypervisor.findStoragePool(readFields(poolName, request, invalid).poolId))
    },
    async ListStoragePools() {
      return { pools: (await hypervisor.listStoragePools()).map(poolView) }
    },
    async ListStoragePoolFiles(request) {
      const { poolId } = readFields(poolName, request, invalid)
      const currentPath = request.path.replace(/^\.?\/+|\/+$/g, '')
      const files = await hypervisor.listPoolFiles(poolId, request.path === '/' ? '' : request.path)
      return { entries: files.map((file) => fileView(currentPath, file)), currentPath }
    },
    async CreateVolume(request, signal) {
      return volumeView(await hypervisor.createVolume(readFields(newVolume, request, invalid), signal))
    },
    async DeleteVolume(request) {
      await hypervisor.deleteVolume(readFields(volumeName, request, invalid))
      return {}
    },
    async ResizeVolume(request) {
      const { newSizeBytes, ...name } = readFields(resize, request, invalid)
      await hypervisor.resizeVolume(name, newSizeBytes)
      return {}
    },
    async CloneVolume(request, signal) {
      const { poolId, sourceVolumeId, destVolumeId } = readFields(clone, request, invalid)
      const source: VolumeSource = { type: 'volume', volumeId: sourceVolumeId }
      await hypervisor.createVolume({ poolId, volumeId: destVolumeId, sizeBytes: null, source }, signal)
      return {}
    },
    async GetVolumeAttachInfo(request) {
      const name = readFields(volumeName, request, invalid)
      return { volumeId: name.volumeId, ...(await hypervisor.describeAttachment(name)) }
    },
    async CreateVolumeSnapshot(request, signal) {
      const { snapshotId, ...name } = readFields(snapshot, request, invalid)
      await hypervisor.snapshotVolume(name, snapshotId, signal)
      return {}
    },
    async ListVolumes(request) {
      const volumes = await hypervisor.listVolumes(readFields(poolName, request, invalid).poolId)
      return { volumes: volumes.map(volumeView) }
    },
  }) satisfies Partial<Calls>

const invalid = (problems: readonly FieldProblem[]) =>
  invalidRequest('The storage cannot be asked for it', 'INVALID_STORAGE_REQUEST', problems)
