import { z } from '@hono/zod-openapi'

const timeoutSeconds = z.int().min(1).max(3600).default(60)

export const vmStopInput = z
  .strictObject({
    force: z.boolean().default(false).openapi({
      description: 'Take the power away at once, also from a VM whose guest is just being asked to stop or reboot.',
    }),
    timeoutSeconds: timeoutSeconds.openapi({
      description: 'How long the guest may take to shut down before its power is taken away.',
    }),
  })
  .openapi('VmStopInput')
export type VmStopInput = z.output<typeof vmStopInput>

export const vmRebootInput = z
  .strictObject({
    force: z
      .boolean()
      .default(false)
      .openapi({ description: 'Reset it at once, as by its reset button; also while its guest is just being asked.' }),
    timeoutSeconds: timeoutSeconds.openapi({
      description: 'How long the guest may take until it begins anew, before the operation fails.',
    }),
  })
  .openapi('VmRebootInput')
export type VmRebootInput = z.output<typeof vmRebootInput>
