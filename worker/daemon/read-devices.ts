import { z } from 'zod'
import { bridgePattern, cdromTargetPattern, diskTargetPattern, macPattern } from '#db/device-names.ts'
import { keptVolumePattern } from '#db/kept-volume.ts'
import { plainNamePattern } from '#db/plain-name.ts'
import { limit, only, orUndefined } from './read-fields.ts'

const plainName = z.string().regex(plainNamePattern, 'must be a plain name of a file of the node, no path')
const poolText = 'must be empty: the node keeps the disks of its VMs in its own pool, and names their files'

const keptVolumeText = 'must be empty, or the name of a volume that a detach has kept, like volume-….qcow2'

const diskTargetText = 'must be vda, vdb, … on virtio, and sda, sdb, … on scsi and sata'
const cdromTargetText = 'must be sda, sdb, …'
export const diskTarget = z.string().regex(diskTargetPattern, diskTargetText)
export const cdromTarget = z.string().regex(cdromTargetPattern, cdromTargetText)

export const mac = z.string().toLowerCase().regex(macPattern, 'must be the address of one card, like 52:54:00:12:34:56')

/** The name of a file; without one null, which is an empty drive. */
export const isoPath = orUndefined('', plainName).transform((iso) => iso ?? null)

const diskFields = z.object({
  id: orUndefined('', diskTarget),
  path: only('', poolText),
  poolId: only('', poolText),
  sizeGib: limit(65_536),
  bus: z.enum(
    ['DISK_BUS_VIRTIO', 'DISK_BUS_SCSI', 'DISK_BUS_SATA'],
    'must be virtio, SCSI or SATA: the machine is a q35, which has no IDE',
  ),
  format: only('DISK_FORMAT_QCOW2', 'must be qcow2: snapshots need it'),
  readonly: z.boolean(),
  iopsLimit: limit(10_000_000),
  throughputMbps: limit(1_000_000),
  backingFile: orUndefined('', plainName),
})

const diskOf = (fields: Omit<z.output<typeof diskFields>, 'path'>) => ({
  target: fields.id,
  sizeGib: fields.sizeGib,
  bus: buses[fields.bus],
  readOnly: fields.readonly,
  iopsLimit: fields.iopsLimit,
  throughputLimitMibps: fields.throughputMbps,
  baseImage: fields.backingFile,
})

const buses = { DISK_BUS_VIRTIO: 'virtio', DISK_BUS_SCSI: 'scsi', DISK_BUS_SATA: 'sata' } as const

/** A disk as it is asked for with its VM. */
export const diskMessage = diskFields.transform(diskOf)

/** A disk as it is asked for of a VM that exists: a new one, or a volume that was kept. */
export const attachedDiskMessage = diskFields
  .extend({ path: orUndefined('', z.string().regex(keptVolumePattern, keptVolumeText)) })
  .superRefine(({ path, sizeGib, backingFile, readonly }, context) => {
    for (const [field, value] of Object.entries({ sizeGib, backingFile, readonly })) {
      if (path === undefined || !value) continue
      context.addIssue({ code: 'custom', path: [field], message: 'does not go with path, whose volume is what it is' })
    }
  })
  .transform(({ path, ...fields }) => ({ ...diskOf(fields), volume: path }))

/** A network card as it is asked for. */
export const nicMessage = z
  .object({
    macAddress: orUndefined('', mac),
    bridge: orUndefined('', z.string().regex(bridgePattern, 'must be the name of a bridge')),
    network: orUndefined('', plainName),
    model: z.enum(['NIC_MODEL_VIRTIO', 'NIC_MODEL_E1000', 'NIC_MODEL_RTL8139']),
    bandwidthMbps: limit(1_000_000),
  })
  .transform(({ macAddress, model, ...rest }) => ({ ...rest, mac: macAddress, model: models[model] }))

const models = { NIC_MODEL_VIRTIO: 'virtio', NIC_MODEL_E1000: 'e1000', NIC_MODEL_RTL8139: 'rtl8139' } as const

/** A cdrom drive as it is asked for. */
export const cdromMessage = z
  .object({ id: orUndefined('', cdromTarget), isoPath })
  .transform(({ id, isoPath: iso }) => ({ target: id, iso }))
