import { z } from '@hono/zod-openapi'
import { cpuFeaturePolicies, cpuModes, firmwares, type VmSpec } from '#db/vm-spec.ts'
import { completeSpec } from './complete-spec.ts'
import { newMac } from './new-mac.ts'
import { contradictionsIn, maxVcpus } from './spec-contradictions.ts'

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

const target = (pattern: RegExp, text: string) => z.string().regex(pattern, text)

const diskTarget = target(/^vd[a-z]$/, 'must be vda, vdb, … or vdz').openapi({
  description: "The disk's name, unique in the VM; the first that is free where it is left out.",
  example: 'vda',
})

const disk = {
  target: diskTarget,
  sizeGib: z.int().min(1).max(65_536).optional(),
  baseImage: plainName
    .optional()
    .openapi({ description: "A file in the node's image directory.", example: 'debian-12.qcow2' }),
}

const diskInput = z
  .strictObject({ ...disk, target: diskTarget.optional() })
  .refine(({ sizeGib, baseImage }) => sizeGib !== undefined || baseImage !== undefined, {
    message: 'needs sizeGib (an empty disk), baseImage (a clone of an image), or both',
  })
  .openapi('DiskInput', { example: { sizeGib: 10 } })
export type DiskInput = z.output<typeof diskInput>

const cdromTarget = target(/^sd[a-z]$/, 'must be sda, sdb, … or sdz').openapi({
  description: "The drive's name, unique in the VM; the first that is free where it is left out.",
  example: 'sda',
})
const cdrom = { target: cdromTarget, iso: plainName.openapi({ example: 'installer.iso' }) }
const cdromInput = z.strictObject({ ...cdrom, target: cdromTarget.optional() }).openapi('CdromInput')
export type CdromInput = z.output<typeof cdromInput>

const mac = z
  .string()
  .toLowerCase()
  .regex(
    /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/,
    'must be an address of one card, like 52:54:00:12:34:56 (the second digit is even)',
  )
  .openapi({ description: 'Drawn by lot where it is left out; unique in the VM.', example: '52:54:00:12:34:56' })
const nic = { mac, network: plainName.openapi({ example: 'default' }) }
const nicInput = z.strictObject({ ...nic, mac: mac.optional() }).openapi('NicInput')

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
}

/** A spec as stored and shown: everything is there. */
export const vmSpecSchema = z
  .strictObject({
    ...parts,
    cpu: z.strictObject(cpu),
    disks: z.array(z.strictObject(disk).openapi('Disk')),
    cdroms: z.array(z.strictObject(cdrom).openapi('Cdrom')),
    nics: z.array(z.strictObject(nic).openapi('Nic')),
  })
  .openapi('VmSpec') satisfies z.ZodType<VmSpec>

const vmSpecParts = z.strictObject({
  cpuMode: parts.cpuMode.optional().openapi({ default: 'host-model' }),
  cpu: z.strictObject({
    ...cpu,
    sockets: cpu.sockets.optional().openapi({ default: 1 }),
    threadsPerCore: cpu.threadsPerCore.optional().openapi({ default: 1 }),
    features: cpu.features.optional().openapi({ default: [] }),
  }),
  firmware: parts.firmware,
  memory: parts.memory,
  disks: z
    .array(diskInput)
    .max(24)
    .optional()
    .openapi({ default: [{ sizeGib: 10 }] }),
  cdroms: z.array(cdromInput).max(4).optional().openapi({ default: [] }),
  nics: z.array(nicInput).max(8).optional().openapi({ default: [] }),
})
export type VmSpecInput = z.output<typeof vmSpecParts>

/** A spec as asked for, read into the one that is stored: what has a default may be left out, and an unknown field is refused. */
export const vmSpecInput = vmSpecParts
  .transform((input, context): VmSpec => {
    const spec = completeSpec(input, newMac)
    for (const { path, message } of contradictionsIn(spec))
      context.addIssue({ code: 'custom', path: [...path], message })
    return spec
  })
  .openapi('VmSpecInput')
