import { z } from '@hono/zod-openapi'
import { guestOsNamed, guestOsNames } from '#db/guest-os/names.ts'
import { guestOses, guestOsProfiles } from '#db/guest-os/profiles.ts'
import {
  clockOffsets,
  cpuModes,
  diskBuses,
  diskCaches,
  diskIos,
  firmwares,
  hypervFeatures,
  nicModels,
  videoModels,
} from '#db/vm-spec.ts'

const guestOsProfileSchema = z
  .object({
    name: z.enum(guestOses),
    otherNames: z.array(z.enum(guestOsNames)),
    cpuMode: z.enum(cpuModes),
    firmware: z.enum(firmwares),
    secureBoot: z.boolean(),
    tpm: z.boolean(),
    clock: z.object({
      offset: z.enum(clockOffsets),
      hpet: z.boolean(),
      kvmclock: z.boolean(),
      hypervclock: z.boolean(),
    }),
    hyperv: z.array(z.enum(hypervFeatures)),
    disk: z
      .object({ bus: z.enum(diskBuses), cache: z.enum(diskCaches), io: z.enum(diskIos) })
      .openapi({ description: 'Of each disk that does not say it.' }),
    nicModel: z.enum(nicModels),
    videoModel: z.enum(videoModels),
  })
  .openapi('GuestOsProfile')

export const guestOsProfilesSchema = z.object({ items: z.array(guestOsProfileSchema) }).openapi('GuestOsProfileList')

/** Every profile, in the order in which they are offered. */
export const guestOsProfileList: z.infer<typeof guestOsProfileSchema>[] = guestOses.map((name) => ({
  name,
  otherNames: guestOsNames.filter((other) => other !== name && guestOsNamed(other) === name),
  ...guestOsProfiles[name],
  hyperv: [...guestOsProfiles[name].hyperv],
}))
