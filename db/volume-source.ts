import { z } from 'zod'
import { plainNamePattern } from './plain-name.ts'

const plainName = z.string().regex(plainNamePattern)

/** What a volume is made of: nothing, a file name of the node's images, a volume or a snapshot of a volume in the same pool. */
export const volumeSource = z.discriminatedUnion('type', [
  z.object({ type: z.literal('empty') }),
  z.object({ type: z.literal('image'), name: plainName }),
  z.object({ type: z.literal('volume'), volumeId: plainName }),
  z.object({ type: z.literal('snapshot'), volumeId: plainName }),
])

export type VolumeSource = z.infer<typeof volumeSource>
