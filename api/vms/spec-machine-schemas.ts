import { z } from '@hono/zod-openapi'
import {
  bootDevices,
  clockOffsets,
  displayTypes,
  firmwares,
  hypervFeatures,
  videoModels,
  watchdogActions,
} from '#db/vm-spec.ts'

/** A list that names each thing once. */
const setOf = <Item extends z.ZodType>(item: Item, most: number) =>
  z
    .array(item)
    .max(most)
    .refine((items) => new Set(items).size === items.length, { message: 'must name each once' })

const byProfile = "Default: the guest OS profile's."

export const clock = {
  offset: z
    .enum(clockOffsets)
    .openapi({ description: `Whether the guest's hardware clock shows UTC or the node's local time. ${byProfile}` }),
  hpet: z.boolean().openapi({ description: `Whether there is a high precision event timer. ${byProfile}` }),
  kvmclock: z.boolean().openapi({ description: `KVM's paravirtual clock, for Linux. ${byProfile}` }),
  hypervclock: z.boolean().openapi({ description: `Hyper-V's paravirtual clock, for Windows. ${byProfile}` }),
}

export const display = {
  type: z.enum(displayTypes).openapi({
    description: 'It listens on the loopback address of the node, on a port that the node picks. Default: `vnc`.',
  }),
}

export const passwordSet = z.boolean().openapi({ description: 'Whether it asks for a password, which is never shown.' })

export const displayPassword = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[ -~]*$/, 'must be of printable ASCII characters')
  .openapi({
    format: 'password',
    writeOnly: true,
    description:
      'Asked of whoever connects. Of `vnc` at most 8 characters, all that its protocol uses; of `spice` at most 60. Default: none. It is stored encrypted and never shown.',
    example: 'k3T9w2Qa',
  })

export const video = {
  model: z.enum(videoModels).openapi({ description: `\`none\` only without a display. ${byProfile}`, example: 'vga' }),
  memoryKib: z.int().min(1024).max(1_048_576).optional().openapi({
    description: 'Only of `vga` and `qxl`; a power of two. Default: 16384 of vga, 65536 of qxl.',
    example: 16_384,
  }),
}

export const serial = {
  log: z
    .boolean()
    .openapi({ description: 'Whether the node keeps what the guest writes to its console. Default: false.' }),
}

export const watchdog = {
  action: z.enum(watchdogActions).openapi({
    description: 'What happens to a VM whose guest no longer feeds it. Default: `reset`.',
    example: 'reset',
  }),
}

/** The parts of a spec that say what machine the guest finds. */
export const machineParts = {
  firmware: z.enum(firmwares).openapi({ description: `Snapshots keep the variables of \`uefi\`. ${byProfile}` }),
  secureBoot: z
    .boolean()
    .openapi({ description: `Needs firmware \`uefi\`; the well-known keys are enrolled. ${byProfile}` }),
  tpm: z.boolean().openapi({ description: `A TPM 2.0, emulated on the node. ${byProfile}` }),
  bootOrder: setOf(z.enum(bootDevices), bootDevices.length).openapi({
    description:
      'Kinds of devices, tried in this order, each in the order of its list. Default: disk, cdrom; network for a VM that has neither.',
    example: ['disk', 'cdrom'],
  }),
  hyperv: setOf(z.enum(hypervFeatures), hypervFeatures.length).openapi({
    description: `Hyper-V enlightenments. ${byProfile}`,
    example: ['relaxed', 'vapic', 'spinlocks'],
  }),
  rng: z.boolean().openapi({ description: 'A device with random numbers from the node. Default: true.' }),
}

export const machineSchemas = {
  ...machineParts,
  clock: z.strictObject(clock),
  display: z.strictObject({
    ...display,
    passwordSet,
  }),
  video: z.strictObject(video),
  serial: z.strictObject(serial),
  watchdog: z.strictObject(watchdog).nullable(),
}

export const machineInputs = {
  ...machineParts,
  clock: z.strictObject(clock).partial(),
  display: z.strictObject({ ...display, password: displayPassword }).partial(),
  video: z.strictObject(video).partial(),
  serial: z.strictObject(serial).partial(),
  watchdog: z
    .strictObject(watchdog)
    .partial()
    .nullable()
    .openapi({ description: 'An i6300esb; null leaves it out. Default: null.' }),
}
