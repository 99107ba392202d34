import { z } from '@hono/zod-openapi'
import { plainName } from '#api/http/fields.ts'
import { flag, vmParams } from '#api/vms/schemas.ts'
import { diskInput } from '#api/vms/spec-drive-schemas.ts'
import { cdromTargetPattern, diskTargetPattern } from '#db/device-names.ts'
import { keptVolumePattern } from '#db/kept-volume.ts'

const exampleVolume = 'volume-019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11.qcow2'

export const diskAttachInput = diskInput
  .extend({
    volume: z
      .string()
      .regex(keptVolumePattern, `must be the name of a kept volume, like ${exampleVolume}`)
      .optional()
      .openapi({
        description:
          "A volume in the node's pool that a detach or a delete has kept, as the operation's result names it: it becomes the disk.",
        example: exampleVolume,
      }),
  })
  .superRefine((disk, context) => {
    for (const field of ['sizeGib', 'baseImage', 'readOnly'] as const) {
      if (!disk.volume || !disk[field]) continue
      context.addIssue({ code: 'custom', path: [field], message: 'does not go with volume, which is what it is' })
    }
  })
  .openapi('DiskAttachInput', { example: { sizeGib: 10 } })

export const diskResizeInput = z
  .strictObject({
    sizeGib: z.int().min(1).max(65_536).openapi({ description: 'No less than it has.', example: 20 }),
  })
  .openapi('DiskResizeInput')

export const mediaInput = z
  .strictObject({
    iso: plainName.nullable().openapi({
      description: "A file in the node's image directory; null empties the drive.",
      example: 'installer.iso',
    }),
    force: z
      .boolean()
      .default(false)
      .openapi({ description: 'Open the drive also where its guest has locked it.', example: false }),
  })
  .openapi('MediaInput')

const pathParam = (name: string, pattern: RegExp, text: string, example: string) =>
  z
    .string()
    .regex(pattern, text)
    .openapi({ param: { name, in: 'path' }, description: 'The device.', example })

export const diskParams = vmParams.extend({
  target: pathParam('target', diskTargetPattern, 'must be a target like vdb', 'vdb'),
})
export const cdromParams = vmParams.extend({
  target: pathParam('target', cdromTargetPattern, 'must be a target like sda', 'sda'),
})
export const nicParams = vmParams.extend({
  mac: pathParam(
    'mac',
    /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/,
    'must be an address like 52:54:00:12:34:56',
    '52:54:00:12:34:56',
  ),
})

const timeoutSeconds = z.coerce
  .number('must be a number')
  .int()
  .min(1)
  .max(300)
  .default(30)
  .openapi({ description: 'How long the guest may take to let go before the operation fails.', example: 30 })

export const diskDetachQuery = z.object({
  deleteData: flag
    .default('false')
    .transform((value) => value !== 'false')
    .openapi({
      type: 'boolean',
      description: 'Delete what is on it; otherwise it is kept as a volume that the result of the operation names.',
      example: false,
    }),
  timeoutSeconds,
})
export const nicDetachQuery = z.object({ timeoutSeconds })
