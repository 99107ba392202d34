import { z } from 'zod'

/** The algorithm and the digest in hexadecimal, as `sha256sum` and `sha512sum` print it. */
export const imageChecksumPattern = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

const checksum = z.string().regex(imageChecksumPattern)

/** Where the content of an image comes from. */
export const imageSource = z.union([
  z.object({ url: z.string(), checksum }),
  z.object({ upload: z.object({ sizeBytes: z.int().positive(), checksum: checksum.optional() }) }),
])
export type ImageSource = z.infer<typeof imageSource>
