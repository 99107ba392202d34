import { z } from '@hono/zod-openapi'
import { plainName } from '#api/http/fields.ts'
import { cdromTargetPattern, diskTargetPattern } from '#db/device-names.ts'
import { diskBuses, diskCaches, diskDiscards, diskIos } from '#db/vm-spec.ts'

const targetOf = (pattern: RegExp, text: string, example: string) =>
  z.string().regex(pattern, text).openapi({
    description: 'Names the drive; unique among disks and cdroms. The first that is free where it is left out.',
    example,
  })

const disk = {
  target: targetOf(diskTargetPattern, 'must be vda, vdb, … on virtio, and sda, sdb, … on scsi and sata', 'vda'),
  sizeGib: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .openapi({ description: "Alone it makes an empty disk; at least the base image's size.", example: 10 }),
  baseImage: plainName.optional().openapi({
    description: "A file in the node's image directory, of which the disk begins as a copy-on-write clone.",
    example: 'debian-12.qcow2',
  }),
  bus: z.enum(diskBuses).openapi({ description: "Default: the guest OS profile's.", example: 'virtio' }),
  cache: z.enum(diskCaches).openapi({
    description: "How the node caches it; `unsafe` loses data when the node crashes. Default: the guest OS profile's.",
    example: 'writeback',
  }),
  io: z.enum(diskIos).openapi({
    description:
      "How QEMU reads and writes; `native` needs cache none or directsync. Default: the guest OS profile's where the cache allows it, else `threads`.",
    example: 'threads',
  }),
  discard: z.enum(diskDiscards).openapi({
    description: 'Whether what the guest discards is given back to the node. Default: `unmap`.',
    example: 'unmap',
  }),
  readOnly: z.boolean().openapi({
    description:
      'The guest cannot write to it, and snapshots leave it alone. Needs a base image; not on sata. Default: false.',
    example: false,
  }),
  iopsLimit: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .openapi({ description: 'Most reads and writes together per second.', example: 5000 }),
  throughputLimitMibps: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .openapi({ description: 'Most MiB read and written together per second.', example: 200 }),
}

export const diskSchema = z.strictObject(disk).openapi('Disk')
export const diskInput = z
  .strictObject(disk)
  .partial()
  .openapi('DiskInput', { example: { sizeGib: 10 } })
export type DiskInput = z.output<typeof diskInput>

const cdrom = {
  target: targetOf(cdromTargetPattern, 'must be sda, sdb, …', 'sda'),
  iso: plainName.nullable().openapi({
    description: "A file in the node's image directory; null is an empty drive.",
    example: 'installer.iso',
  }),
}

export const cdromSchema = z.strictObject(cdrom).openapi('Cdrom')
export const cdromInput = z.strictObject(cdrom).partial().openapi('CdromInput')
