import { z } from '@hono/zod-openapi'
import { exampleIds, plainName } from '#api/http/fields.ts'
import { type ImageSource, imageChecksumPattern } from '#db/image-source.ts'
import { imageFormats } from '#db/schema/image.ts'

const checksum = z
  .string()
  .regex(imageChecksumPattern, 'must be sha256:<64 digits> or sha512:<128 digits>, in lower-case hexadecimal')
  .openapi({ description: 'Of the whole file, as `sha256sum` or `sha512sum` prints it.' })

const url = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const parsed = URL.parse(text)
    const problem = !parsed
      ? 'must be a URL'
      : parsed.protocol !== 'http:' && parsed.protocol !== 'https:'
        ? 'must begin with http: or https:'
        : parsed.username !== '' || parsed.password !== ''
          ? 'must hold no user and password: they would be stored'
          : null
    if (problem) context.addIssue({ code: 'custom', message: problem })
  })
  .openapi({
    description:
      'The node fetches it, http or https, also by redirects. Only public addresses, unless whoever runs the node allows others.',
  })

const source = z
  .strictObject({
    url: url.optional(),
    checksum: checksum.optional(),
    upload: z
      .strictObject({
        sizeBytes: z.int().min(1).openapi({ description: 'Of the whole file.' }),
        checksum: checksum.optional(),
      })
      .optional()
      .openapi({ description: 'The content is sent with `uploadImageContent`, piece by piece.' }),
  })
  .transform(({ url, checksum, upload }, context): ImageSource => {
    const problem = (path: string[], message: string) => {
      context.addIssue({ code: 'custom', path, message })
      return z.NEVER
    }
    if (upload) {
      if (url !== undefined) return problem(['url'], 'cannot stand beside upload')
      if (checksum !== undefined) return problem(['checksum'], 'stands within upload')
      return { upload }
    }
    if (url === undefined) return problem([], 'needs a url with its checksum, or upload')
    if (checksum === undefined) return problem(['checksum'], 'is required with a url')
    return { url, checksum }
  })
  .openapi({ description: 'A `url` with its `checksum`, or `upload`.' })

export const imageImportInput = z
  .strictObject({
    name: plainName.openapi({ description: 'Of the file to be; `baseImage` and `iso` in specs name it.' }),
    format: z.enum(imageFormats).openapi({ description: 'The content is held to it.' }),
    nodeId: z.uuid('must be a UUID').optional().openapi({
      description: 'Left out, it is one that answers.',
      example: exampleIds.node,
    }),
    source,
  })
  .openapi('ImageImport')

export type ImageImportInput = z.infer<typeof imageImportInput>
