import { z } from '@hono/zod-openapi'
import { plainName } from '#api/http/fields.ts'
import { bridgePattern, macPattern } from '#db/device-names.ts'
import { nicModels } from '#db/vm-spec.ts'

const nic = {
  mac: z
    .string()
    .toLowerCase()
    .regex(macPattern, 'must be the address of one card, like 52:54:00:12:34:56 (the second digit is even)')
    .openapi({ description: 'Unique in the VM; drawn by lot where it is left out.', example: '52:54:00:12:34:56' }),
  model: z.enum(nicModels).openapi({ description: "Default: the guest OS profile's.", example: 'virtio' }),
  network: plainName.optional().openapi({
    description: 'A libvirt network of the node. This or `bridge` is needed.',
    example: 'default',
  }),
  bridge: z
    .string()
    .regex(bridgePattern, 'must be the name of a bridge: letters, digits and _ . -, at most 15')
    .optional()
    .openapi({ description: 'A bridge of the node, in place of a network.', example: 'br0' }),
  bandwidthMbps: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .openapi({ description: 'Most megabits per second, each way.', example: 1000 }),
}

export const nicSchema = z
  .strictObject(nic)
  .openapi('Nic', { example: { mac: '52:54:00:12:34:56', model: 'virtio', network: 'default' } })
export const nicInput = z
  .strictObject(nic)
  .partial()
  .openapi('NicInput', { example: { network: 'default' } })
