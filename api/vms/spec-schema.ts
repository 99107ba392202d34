import { z } from '@hono/zod-openapi'
import { orNull } from '#api/http/fields.ts'
import { completeSpec } from '#db/complete-spec.ts'
import { guestOsNames } from '#db/guest-os/names.ts'
import { guestOses } from '#db/guest-os/profiles.ts'
import { newMac } from '#db/new-mac.ts'
import { contradictionsIn, maxDisks, maxNics, maxVcpus } from '#db/rules/spec-contradictions.ts'
import { secretProblems, secretsIn, withoutSecrets } from '#db/secrets/given-secrets.ts'
import type { GivenSecrets } from '#db/secrets/sealed-secrets.ts'
import { cpuFeaturePolicies, cpuModes, foreignCpuModes, type VmSpec } from '#db/vm-spec.ts'
import { cloudInitInput, cloudInitSchema } from './cloud-init-schema.ts'
import { cdromInput, cdromSchema, diskInput, diskSchema } from './spec-drive-schemas.ts'
import { machineInputs, machineSchemas } from './spec-machine-schemas.ts'
import { nicInput, nicSchema } from './spec-nic-schema.ts'

const count = (text: string) => z.int().min(1).max(maxVcpus).openapi({ description: text })

const feature = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be libvirt's name of a CPU feature, like vmx")
    .openapi({ example: 'vmx' }),
  policy: z.enum(cpuFeaturePolicies),
})

export const cpu = {
  cores: count('Cores of all sockets together; divisible by `sockets`.'),
  maxCores: count('Up to so many cores it can be given while it runs. Default: `cores`, none.').optional(),
  sockets: count('Sockets that the cores are spread over. Default: 1.'),
  threadsPerCore: count('Threads of each core. Default: 1.'),
  features: z
    .array(feature)
    .max(64)
    .refine((features) => new Set(features.map(({ name }) => name)).size === features.length, {
      message: 'must name each feature once',
    })
    .openapi({ description: 'CPU feature policies beyond what the CPU mode gives. Default: none.' }),
  pinnedTsc: z.boolean().optional().openapi({
    description:
      "Only with CPU mode host-passthrough: pins the guest's time stamp counter to its node's frequency. Memory snapshots are allowed then, and the VM starts only on a node with that frequency, or with TSC scaling.",
  }),
}

export const memory = {
  sizeMib: z.int().min(16).max(1_048_576).openapi({ description: 'At most what the node has.' }),
  maxSizeMib: z.int().min(16).max(1_048_576).optional().openapi({
    description:
      'Up to so much it can be given while it runs, by its balloon, which needs the virtio driver in the guest. At most what the node has. Default: `sizeMib`, none.',
  }),
  hugepages: z
    .boolean()
    .openapi({ description: 'All of it in huge pages, which the node must have set aside. Default: false.' }),
}

const cpuModeText =
  '`host-model` is Quantix Flexible: migration and memory snapshots. `host-passthrough` is Quantix Performance: all of the CPU, without them.'
export const cpuMode = z.enum(cpuModes).openapi({ description: cpuModeText })

/** A spec as stored and shown: everything is there. */
export const vmSpecSchema = z
  .strictObject({
    guestOs: z.enum(guestOses).openapi({ description: 'The profile that gave the defaults.' }),
    cpuMode: z.enum([...cpuModes, ...foreignCpuModes]).openapi({
      description: `${cpuModeText} \`maximum\` and \`custom\` (a CPU model by its name) only VMs have that were adopted.`,
    }),
    cpu: z.strictObject(cpu),
    memory: z.strictObject(memory),
    ...machineSchemas,
    disks: z.array(diskSchema),
    cdroms: z.array(cdromSchema),
    nics: z.array(nicSchema),
    cloudInit: orNull(cloudInitSchema),
  })
  .openapi('VmSpec') satisfies z.ZodType<VmSpec>

const vmSpecParts = z
  .strictObject({
    guestOs: z.enum(guestOsNames).openapi({
      default: 'generic',
      description: 'Whose defaults the VM gets: a guest OS profile, or another name of one.',
    }),
    cpuMode: cpuMode.openapi({ default: 'host-model' }),
    ...machineInputs,
    disks: z
      .array(diskInput)
      .max(maxDisks)
      .openapi({ default: [{ sizeGib: 10 }] }),
    cdroms: z.array(cdromInput).max(4).openapi({ default: [] }),
    nics: z.array(nicInput).max(maxNics).openapi({ default: [], description: 'None is a VM without a network.' }),
    cloudInit: cloudInitInput,
  })
  .partial()
  .extend({
    cpu: z.strictObject(cpu).partial().required({ cores: true }),
    memory: z.strictObject(memory).partial().required({ sizeMib: true }),
  })

/**
 * A spec as asked for, read into the one that is stored, and what is stored apart from it: what has a default may be left
 * out, and an unknown field is refused.
 */
export const vmSpecInput = vmSpecParts
  .transform((input, context): { spec: VmSpec; secrets: GivenSecrets } => {
    const spec = completeSpec(withoutSecrets(input), newMac)
    for (const { path, message } of [...contradictionsIn(spec), ...secretProblems(input, spec)]) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
    return { spec, secrets: secretsIn(input) }
  })
  .openapi('VmSpecInput')
