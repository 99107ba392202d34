import { z } from '@hono/zod-openapi'
import { description } from '#api/http/fields.ts'
import { labelKey, labelValue } from './labels-schema.ts'
import { vmName } from './schemas.ts'
import { vmSpecPatch } from './spec-patch-schema.ts'

/** A merge patch (RFC 7396) of a VM. */
export const vmPatch = z
  .strictObject({
    name: vmName.optional(),
    description: description.unwrap().nullish(),
    labels: z
      .record(labelKey, labelValue.nullable())
      .nullish()
      .openapi({
        type: ['object', 'null'],
        additionalProperties: { type: ['string', 'null'] },
        description: 'Those to set, and with null those to remove; others stay. Null removes all.',
        example: { app: 'web', old: null },
      }),
    spec: vmSpecPatch.optional(),
  })
  .openapi('VmPatch')
export type VmPatch = z.output<typeof vmPatch>
