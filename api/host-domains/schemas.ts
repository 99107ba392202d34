import { z } from '@hono/zod-openapi'
import { description, exampleIds, idParam, moment } from '#api/http/fields.ts'
import { vmName } from '#api/vms/schemas.ts'
import { vmSpecSchema } from '#api/vms/spec-schema.ts'
import { unmanagedFields } from '#api/vms/unmanaged-fields.ts'
import { completeSpec } from '#db/complete-spec.ts'
import { adoptionReasons } from '#db/rules/adoption.ts'
import { hostDomainStates } from '#db/schema/host-domain.ts'

const driveSchema = z
  .object({
    target: z.string(),
    device: z.string().openapi({ description: '`disk`, `cdrom`, `floppy` or `lun`.' }),
    bus: z.string().nullable(),
    format: z.string().nullable().openapi({ description: 'Of the image; null where the definition does not say.' }),
    source: z
      .string()
      .nullable()
      .openapi({ description: '`file`, `block`, `network`, …: what it is on; null of an empty drive.' }),
    name: z.string().nullable().openapi({
      description: 'The last part of where that is: paths of the node stay on the node. Null of an empty drive.',
    }),
  })
  .openapi('HostDomainDrive')

const adoptionSchema = z
  .object({
    allowed: z.boolean(),
    reasons: z
      .array(
        z.object({
          reason: z.enum(adoptionReasons).openapi({ description: 'For programs.' }),
          message: z.string().openapi({ description: 'For people: what is in the way, and the way out.' }),
        }),
      )
      .openapi({ description: 'All that stands in the way; empty where nothing does.' }),
  })
  .openapi('Adoption', {
    description: 'Whether it can become a VM, by the same rule that decides when it is asked for.',
  })

export const hostDomainSchema = z
  .object({
    id: z.uuid().openapi({ description: "The domain's UUID, and the VM's id when it is adopted." }),
    nodeId: z.uuid(),
    name: z.string(),
    description: z.string(),
    origin: z.literal('host'),
    state: z.enum([...hostDomainStates, 'UNKNOWN']).openapi({ description: '`UNKNOWN` while its node is silent.' }),
    persistent: z.boolean().openapi({ description: 'Whether its definition outlives its run.' }),
    autostart: z.boolean(),
    managedSave: z.boolean().openapi({ description: 'Whether its memory was put aside for its next start.' }),
    hasSnapshots: z
      .boolean()
      .openapi({ description: 'Whether libvirt has snapshots of it. They stay with libvirt when it is adopted.' }),
    spec: vmSpecSchema.openapi({
      description: 'What its definition says, in the words of a VM. Sizes of disks are read when it is adopted.',
    }),
    ...unmanagedFields,
    drives: z.array(driveSchema),
    adoption: adoptionSchema,
    firstSeenAt: moment,
  })
  .openapi('HostDomain')

export const hostDomainPageSchema = z
  .object({ items: z.array(hostDomainSchema), nextCursor: z.string().nullable() })
  .openapi('HostDomainPage')

export const nodeParams = z.object({ id: idParam('id', 'The node.') })
export const hostDomainParams = nodeParams.extend({ uuid: idParam('uuid', "The domain's UUID.") })

export const adoptInput = z
  .strictObject({
    name: vmName.optional().openapi({
      description: "Unique among all VMs. Default: the domain's. The domain keeps its own.",
      example: 'web-1',
    }),
    description: description.removeDefault().optional().openapi({ description: "Default: the domain's." }),
  })
  .openapi('AdoptInput')
export type AdoptInput = z.output<typeof adoptInput>

export const hostDomainExample = {
  id: exampleIds.vm,
  nodeId: exampleIds.node,
  name: 'debian12',
  description: '',
  origin: 'host',
  state: 'RUNNING',
  persistent: true,
  autostart: false,
  managedSave: false,
  hasSnapshots: false,
  spec: {
    ...completeSpec(
      { cpu: { cores: 2 }, memory: { sizeMib: 2048 }, disks: [], nics: [{ network: 'default' }] },
      () => '52:54:00:12:34:56',
    ),
    cpuMode: 'custom',
    disks: [{ target: 'vda', bus: 'virtio', cache: 'writeback', io: 'threads', discard: 'unmap', readOnly: false }],
  },
  unmanagedDevices: ['channel', 'input', 'sound'],
  unmanagedDisks: ['vda'],
  drives: [{ target: 'vda', device: 'disk', bus: 'virtio', format: 'qcow2', source: 'file', name: 'debian12.qcow2' }],
  adoption: { allowed: true, reasons: [] },
  firstSeenAt: '2026-11-20T17:30:12.000Z',
} as const satisfies z.infer<typeof hostDomainSchema>
