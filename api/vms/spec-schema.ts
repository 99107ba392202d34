import { z } from '@hono/zod-openapi'
import { cpuFeaturePolicies, cpuModes, firmwares, type VmSpec } from '#db/vm-spec.ts'

/**
 * Most vCPUs of one VM. QEMU's q35 takes more only with an IOMMU in extended interrupt mode, which libvirt demands from
 * the 256th on (src/qemu/qemu_validate.c, QEMU_MAX_VCPUS_WITHOUT_EIM).
 */
const maxVcpus = 255

const count = (most: number, text: string) => z.int().min(1).max(most).openapi({ description: text })

/** A name in the node's image directory, or of a libvirt network: never a path. */
const plainName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/,
    'must be a plain name: letters, digits and . _ + - (no slash, no leading dot), at most 128 characters',
  )

const feature = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be libvirt's name of a CPU feature, like vmx")
    .openapi({ example: 'vmx' }),
  policy: z.enum(cpuFeaturePolicies),
})

const cpu = {
  cores: count(maxVcpus, 'Cores of all sockets together; divisible by `sockets`.'),
  sockets: count(maxVcpus, 'Sockets that the cores are spread over.'),
  threadsPerCore: count(maxVcpus, 'Threads of each core.'),
  features: z
    .array(feature)
    .max(64)
    .refine((features) => new Set(features.map(({ name }) => name)).size === features.length, {
      message: 'must name each feature once',
    })
    .openapi({ description: 'CPU feature policies beyond what the CPU mode gives.' }),
  pinnedTsc: z.boolean().optional().openapi({
    description:
      "Only with CPU mode host-passthrough: pins the guest's time stamp counter to its node's frequency. Memory snapshots are allowed then, and the VM starts only on a node with that frequency, or with TSC scaling.",
  }),
}

const disk = z
  .strictObject({
    sizeGib: z.int().min(1).max(65_536).optional(),
    baseImage: plainName
      .optional()
      .openapi({ description: "A file in the node's image directory.", example: 'debian-12.qcow2' }),
  })
  .refine(({ sizeGib, baseImage }) => sizeGib !== undefined || baseImage !== undefined, {
    message: 'needs sizeGib (an empty disk), baseImage (a clone of an image), or both',
  })
  .openapi('Disk', { example: { sizeGib: 10 } })

const cdrom = z.strictObject({ iso: plainName.openapi({ example: 'installer.iso' }) }).openapi('Cdrom')
const nic = z.strictObject({ network: plainName.openapi({ example: 'default' }) }).openapi('Nic')

const parts = {
  cpuMode: z.enum(cpuModes).openapi({
    description:
      '`host-model` is Quantix Flexible: migration and memory snapshots. `host-passthrough` is Quantix Performance: all of the CPU, without them.',
  }),
  firmware: z.enum(firmwares).optional().openapi({
    description: '`bios` where it is left out. `uefi` boots without Secure Boot; snapshots keep its variables.',
  }),
  memory: z.strictObject({
    sizeMib: z.int().min(16).max(1_048_576).openapi({ description: 'At most what the node has.' }),
  }),
  disks: z.array(disk).max(24).openapi({ description: 'In the order of their targets: vda, vdb, …' }),
  cdroms: z.array(cdrom).max(4),
  nics: z.array(nic).max(8),
}

/** A spec as stored and shown: everything is there. */
export const vmSpecSchema = z
  .strictObject({ ...parts, cpu: z.strictObject(cpu) })
  .openapi('VmSpec') satisfies z.ZodType<VmSpec>

/** A spec as asked for: what has a default may be left out, and an unknown field is refused. */
export const vmSpecInput = z
  .strictObject({
    cpuMode: parts.cpuMode.default('host-model'),
    cpu: z
      .strictObject({
        ...cpu,
        sockets: cpu.sockets.default(1),
        threadsPerCore: cpu.threadsPerCore.default(1),
        features: cpu.features.default([]),
      })
      .refine(({ cores, sockets }) => cores % sockets === 0, {
        message: 'must be divisible by sockets',
        path: ['cores'],
      })
      .refine(({ cores, threadsPerCore }) => cores * threadsPerCore <= maxVcpus, {
        message: `times threadsPerCore must be at most ${maxVcpus} vCPUs`,
        path: ['cores'],
      }),
    firmware: parts.firmware,
    memory: parts.memory,
    disks: parts.disks.default([{ sizeGib: 10 }]),
    cdroms: parts.cdroms.default([]),
    nics: parts.nics.default([]),
  })
  .refine(({ cpuMode, cpu }) => !cpu.pinnedTsc || cpuMode === 'host-passthrough', {
    message:
      'needs cpuMode host-passthrough: a host-model VM has no invariant TSC, and takes memory snapshots without it',
    path: ['cpu', 'pinnedTsc'],
  })
  .openapi('VmSpecInput') satisfies z.ZodType<VmSpec>
