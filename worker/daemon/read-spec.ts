import { createHash } from 'node:crypto'
import { z } from 'zod'
import { completeSpec, type VmSpecRequest } from '#db/complete-spec.ts'
import { AppError } from '#db/errors.ts'
import { type GuestOsName, guestOsNames } from '#db/guest-os/names.ts'
import { maxLabels } from '#db/labels.ts'
import { plainNamePattern } from '#db/plain-name.ts'
import { contradictionsIn, maxVcpus } from '#db/rules/spec-contradictions.ts'
import { cpuModes } from '#db/vm-spec.ts'
import type { CreateVMOnNodeRequest__Output } from '#proto/gen/limiquantix/node/v1/CreateVMOnNodeRequest.ts'
import type { NewVm } from './vm-control.ts'

/** What proto3 sends for a field that nobody set is as if it was not there. */
const orUndefined = <Schema extends z.ZodType>(unset: unknown, schema: Schema) =>
  z.preprocess((value) => (value === unset ? undefined : value), schema.optional())

const only = (unset: unknown, message: string) => z.unknown().refine((value) => value === unset, { message })

const count = orUndefined(0, z.int().min(1).max(maxVcpus))
const limit = (most: number) => orUndefined(0, z.int().min(1).max(most))
const plainName = z.string().regex(plainNamePattern, 'must be a plain name of a file of the node, no path')
const poolText = 'must be empty: the node keeps the disks of its VMs in its own pool, and names their files'

const disk = z
  .object({
    id: orUndefined(
      '',
      z.string().regex(/^[sv]da?[a-z]$/, 'must be vda, vdb, … on virtio, and sda, sdb, … on scsi and sata'),
    ),
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
  .transform(({ id, sizeGib, bus, readonly, iopsLimit, throughputMbps, backingFile }) => ({
    target: id,
    sizeGib,
    bus: buses[bus],
    readOnly: readonly,
    iopsLimit,
    throughputLimitMibps: throughputMbps,
    baseImage: backingFile,
  }))

const buses = { DISK_BUS_VIRTIO: 'virtio', DISK_BUS_SCSI: 'scsi', DISK_BUS_SATA: 'sata' } as const

const nic = z
  .object({
    macAddress: orUndefined(
      '',
      z
        .string()
        .toLowerCase()
        .regex(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/, 'must be the address of one card, like 52:54:00:12:34:56'),
    ),
    bridge: orUndefined('', z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, 'must be the name of a bridge')),
    network: orUndefined('', plainName),
    model: z.enum(['NIC_MODEL_VIRTIO', 'NIC_MODEL_E1000', 'NIC_MODEL_RTL8139']),
    bandwidthMbps: limit(1_000_000),
  })
  .transform(({ macAddress, model, ...rest }) => ({ ...rest, mac: macAddress, model: models[model] }))

const models = { NIC_MODEL_VIRTIO: 'virtio', NIC_MODEL_E1000: 'e1000', NIC_MODEL_RTL8139: 'rtl8139' } as const

const cdrom = z
  .object({
    id: orUndefined('', z.string().regex(/^sda?[a-z]$/, 'must be sda, sdb, …')),
    isoPath: orUndefined('', plainName),
  })
  .transform(({ id, isoPath }) => ({ target: id, iso: isoPath ?? null }))

const portText = 'must be 0: the node chooses the port'
const console = z
  .object({
    vncEnabled: z.boolean(),
    vncPort: only(0, portText),
    vncPassword: only('', 'must be empty: this version sets no passwords'),
    spiceEnabled: z.boolean(),
    spicePort: only(0, portText),
  })
  .refine(({ vncEnabled, spiceEnabled }) => !(vncEnabled && spiceEnabled), 'must have one display: VNC or SPICE')
  .transform(({ vncEnabled, spiceEnabled }) => ({
    type: vncEnabled ? ('vnc' as const) : spiceEnabled ? ('spice' as const) : ('none' as const),
  }))

const firmwares = { FIRMWARE_BIOS: 'bios', FIRMWARE_UEFI: 'uefi' } as const
const bootDevices = { BOOT_DEVICE_DISK: 'disk', BOOT_DEVICE_CDROM: 'cdrom', BOOT_DEVICE_NETWORK: 'network' } as const

const spec = z
  .object({
    cpuCores: count,
    cpuSockets: count,
    cpuThreadsPerCore: count,
    memoryMib: z.int().min(16).max(1_048_576),
    memoryHugepages: z.boolean(),
    firmware: z.enum(['FIRMWARE_BIOS', 'FIRMWARE_UEFI']),
    bootOrder: z.array(z.enum(['BOOT_DEVICE_DISK', 'BOOT_DEVICE_CDROM', 'BOOT_DEVICE_NETWORK'])).max(3),
    disks: z.array(disk).max(24),
    nics: z.array(nic).max(8),
    cdroms: z.array(cdrom).max(4),
    console: console.nullish(),
    cloudInit: z.null('must be left out: this version makes no cloud-init drives').optional(),
    guestOs: orUndefined('', z.enum(guestOsNames as [GuestOsName, ...GuestOsName[]])),
    cpuMode: orUndefined('', z.enum(cpuModes)),
  })
  .transform(
    (wanted): VmSpecRequest => ({
      guestOs: wanted.guestOs,
      cpuMode: wanted.cpuMode,
      cpu: { cores: wanted.cpuCores ?? 1, sockets: wanted.cpuSockets, threadsPerCore: wanted.cpuThreadsPerCore },
      memory: { sizeMib: wanted.memoryMib, hugepages: wanted.memoryHugepages },
      firmware: firmwares[wanted.firmware],
      bootOrder: wanted.bootOrder.length > 0 ? wanted.bootOrder.map((device) => bootDevices[device]) : undefined,
      disks: wanted.disks,
      cdroms: wanted.cdroms,
      nics: wanted.nics,
      display: wanted.console ?? undefined,
    }),
  )

const request = z.object({
  vmId: z.guid('must be a UUID'),
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must have 1 to 63 letters, digits and . _ -'),
  labels: z
    .record(z.string().max(317), z.string().max(255))
    .refine((labels) => Object.keys(labels).length <= maxLabels, `must be at most ${maxLabels}`),
  spec,
})

/** The VM that is asked for. The same request gives the same VM. Throws `invalid_argument` naming each wrong field. */
export function readNewVm(message: CreateVMOnNodeRequest__Output): NewVm {
  const parsed = request.safeParse(message)
  if (!parsed.success) throw invalid(parsed.error.issues)
  const { spec: wanted, ...vm } = parsed.data
  const complete = completeSpec(wanted, addresses(vm.vmId))
  const contradictions = contradictionsIn(complete).map(({ path, message: text }) => ({
    path: ['spec', ...path],
    message: text,
  }))
  if (contradictions.length > 0) throw invalid(contradictions)
  return { ...vm, spec: complete }
}

function invalid(problems: readonly { path: readonly PropertyKey[]; message: string }[]): AppError {
  const fields = problems.map(({ path, message }) => `${path.join('.')} ${message}`)
  return new AppError('invalid_argument', `The VM cannot be made: ${fields.join('; ')}.`, {
    reason: 'INVALID_SPEC',
    details: { fields },
  })
}

/** Addresses with QEMU's prefix that follow from the VM's id: who asks twice gets the same ones. */
function addresses(vmId: string): () => string {
  let index = 0
  return () => {
    const digest = createHash('sha256').update(`${vmId}/${index++}`).digest('hex')
    return ['52', '54', '00', digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(':')
  }
}
