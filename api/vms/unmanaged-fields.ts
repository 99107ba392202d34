import { z } from '@hono/zod-openapi'

/** What Quantix leaves as others made it. */
export const unmanagedFields = {
  unmanagedDevices: z.array(z.string()).openapi({
    description:
      "Kinds of devices that others gave it and the spec has no words for, in libvirt's words. They stay as they are, to the letter.",
    example: ['hostdev', 'sound'],
  }),
  unmanagedDisks: z.array(z.string()).openapi({
    description:
      'Targets of its disks that Quantix did not make. They are never removed, and no snapshots are taken of a VM that has such.',
    example: ['vda'],
  }),
}
