import { z } from '@hono/zod-openapi'
import { guestOsNames } from '#db/guest-os/names.ts'
import { type specChanges, whyFixed } from '#db/rules/spec-changes.ts'
import { clock, display, machineParts, passwordSet, serial, video, watchdog } from './spec-machine-schemas.ts'
import { cpu, cpuMode, memory } from './spec-schema.ts'

type OrDefault<Shape extends z.ZodRawShape> = { [Key in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[Key]>> }

/** Each field may be left out, and stays, or be null, which is its default again. */
const orDefault = <Shape extends z.ZodRawShape>(shape: Shape) =>
  Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [name, (field as z.ZodType).nullish()]),
  ) as unknown as OrDefault<Shape>

/** Some fields have no default. */
const needed = <Shape extends z.ZodType>(field: Shape) => field.optional()

const fixed = (field: keyof typeof specChanges) =>
  z.unknown().openapi({ description: `As it is: ${whyFixed(field)}.` }) as z.ZodType<unknown>

const { firmware: _firmware, secureBoot: _secureBoot, ...machine } = machineParts

/** What of a spec is to be another one. Fields that cannot change may be there as they are. */
export const vmSpecPatch = z
  .strictObject({
    guestOs: needed(z.enum(guestOsNames)),
    cpuMode: cpuMode.nullish(),
    ...orDefault(machine),
    cpu: z.strictObject({ ...orDefault(cpu), cores: needed(cpu.cores) }).optional(),
    memory: z.strictObject({ ...orDefault(memory), sizeMib: needed(memory.sizeMib) }).optional(),
    clock: z.strictObject(orDefault(clock)).nullish(),
    display: z.strictObject({ ...orDefault(display), passwordSet: passwordSet.optional() }).nullish(),
    video: z.strictObject(orDefault(video)).nullish(),
    serial: z.strictObject(orDefault(serial)).nullish(),
    watchdog: z.strictObject(orDefault(watchdog)).nullish(),
    firmware: fixed('firmware').optional(),
    secureBoot: fixed('secureBoot').optional(),
    disks: fixed('disks').optional(),
    cdroms: fixed('cdroms').optional(),
    nics: fixed('nics').optional(),
    cloudInit: fixed('cloudInit').optional(),
  })
  .openapi('VmSpecPatch', {
    description: 'What is left out stays; null is the default of the guest OS profile again.',
    example: { cpuMode: 'host-model', cpu: { cores: 4 } },
  })
export type VmSpecPatch = z.output<typeof vmSpecPatch>
