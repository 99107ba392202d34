import { z } from '@hono/zod-openapi'
import { labelKeyPattern, labelValuePattern, maxLabels, parseLabelSelector } from '#db/labels.ts'

export const labelKey = z
  .string()
  .regex(
    labelKeyPattern,
    'must be a label key as in Kubernetes: a name of at most 63 letters, digits and . _ -, with a DNS name and / before it or without',
  )

export const labelValue = z
  .string()
  .regex(
    labelValuePattern,
    'must be a label value as in Kubernetes: at most 63 letters, digits and . _ -, that begins and ends with a letter or digit',
  )

/** Labels as they are shown. */
export const labelsSchema = z
  .record(z.string(), z.string())
  .openapi({ description: 'For whoever uses the VMs: they mean nothing to Quantix.', example: { app: 'web' } })

/** Labels as they are asked for. */
export const labelsInput = z
  .record(labelKey, labelValue)
  .refine((labels) => Object.keys(labels).length <= maxLabels, { message: `must be at most ${maxLabels} labels` })
  .default({})
  .openapi({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: `At most ${maxLabels}; keys and values as in Kubernetes.`,
    example: { app: 'web', 'example.com/tier': 'front' },
  })

export const labelSelectorQuery = z
  .string()
  .max(4096)
  .transform((text, context) => {
    const selector = parseLabelSelector(text)
    if (selector) return selector
    context.addIssue({
      code: 'custom',
      message: 'must be terms like app=web (that value) or app (any value), with commas between them',
    })
    return z.NEVER
  })
  .openapi({
    type: 'string',
    description: 'Only VMs with all of these labels: `key=value`, or `key` for any value.',
    example: 'app=web,tier',
  })
