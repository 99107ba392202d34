import { z } from 'zod'
import { keptVolumePattern } from '#db/kept-volume.ts'
import { type DiskSpec, diskBuses, diskCaches, diskDiscards, diskIos, type NicSpec, nicModels } from '#db/vm-spec.ts'

/** A device that comes after its VM stands in no spec before it is there, so its operation carries it: complete, checked. */

const disk = z.object({
  target: z.string(),
  sizeGib: z.int().optional(),
  baseImage: z.string().optional(),
  bus: z.enum(diskBuses),
  cache: z.enum(diskCaches),
  io: z.enum(diskIos),
  discard: z.enum(diskDiscards),
  readOnly: z.boolean(),
  iopsLimit: z.int().optional(),
  throughputLimitMibps: z.int().optional(),
}) satisfies z.ZodType<DiskSpec>

const nic = z.object({
  mac: z.string(),
  model: z.enum(nicModels),
  network: z.string().optional(),
  bridge: z.string().optional(),
  bandwidthMbps: z.int().optional(),
}) satisfies z.ZodType<NicSpec>

const vmId = z.guid()
const timeoutSeconds = z.int()

export const deviceInputs = {
  /** `volume`: the kept volume that becomes the disk. */
  'disk.attach': z.object({ vmId, disk, volume: z.string().regex(keptVolumePattern).optional() }),
  'disk.detach': z.object({ vmId, target: z.string(), deleteData: z.boolean(), timeoutSeconds }),
  'disk.resize': z.object({ vmId, target: z.string(), sizeGib: z.int() }),
  /** `force` opens a drive that its guest has locked. */
  'media.change': z.object({ vmId, target: z.string(), iso: z.string().nullable(), force: z.boolean() }),
  'nic.attach': z.object({ vmId, nic }),
  'nic.detach': z.object({ vmId, mac: z.string(), timeoutSeconds }),
} as const
