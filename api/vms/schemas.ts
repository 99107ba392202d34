import { z } from '@hono/zod-openapi'
import { description, exampleIds, idParam, moment, orNull } from '#api/http/fields.ts'
import { pageQuery } from '#api/http/paging.ts'
import { operationRefSchema } from '#api/operations/schemas.ts'
import { completeSpec } from '#db/complete-spec.ts'
import { vmNamePattern } from '#db/given-names.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import { type VmState, vmState } from '#db/schema/vm.ts'
import { cpuFeaturePolicies } from '#db/vm-spec.ts'
import { allowedActionsSchema, exampleAllowedActions } from './allowed-actions-schema.ts'
import { labelSelectorQuery, labelsInput, labelsSchema } from './labels-schema.ts'
import { vmReportFields } from './report-schemas.ts'
import { restartStatusFields } from './restart-status.ts'
import { snapshotScheduleSchema } from './snapshot-schedule-schemas.ts'
import { vmSpecInput, vmSpecSchema } from './spec-schema.ts'
import { unmanagedFields } from './unmanaged-fields.ts'

export const vmName = z
  .string()
  .regex(
    vmNamePattern,
    'must begin with a letter or digit, go on with letters, digits and . _ -, and have at most 63 characters',
  )
  .openapi({ description: 'Unique among all VMs.', example: 'web-1' })

export const cpuFactsSchema = z
  .object({
    mode: z.enum(['host-model', 'host-passthrough', 'maximum', 'custom']),
    migratable: z.enum(['on', 'off']).nullable(),
    invtscPolicy: z.enum(cpuFeaturePolicies).nullable(),
    tscFrequencyHz: z.number().nullable(),
  })
  .openapi('CpuFacts', {
    description: 'The CPU that runs, from the live definition: what decides whether its memory can be saved.',
  })

const diskProblemSchema = z
  .object({
    reason: z.string().openapi({ description: 'For programs: a stable word.' }),
    message: z.string().openapi({ description: 'For people: what does not agree.' }),
  })
  .openapi('DiskProblem')

export const vmSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    origin: z
      .enum(['quantix', 'host'])
      .openapi({ description: 'Who made it: Quantix, or others, from whom it was adopted.' }),
    labels: labelsSchema,
    spec: vmSpecSchema,
    status: z
      .object({
        state: z.enum(vmState.enumValues),
        message: z
          .string()
          .openapi({ description: 'Why the state is what it is; empty when there is nothing to say.' }),
        nodeId: z.uuid(),
        effectiveCpu: orNull(cpuFactsSchema).openapi({ description: 'Null while nothing runs.' }),
        ...restartStatusFields,
        startedAt: moment.nullable().openapi({ description: 'Null while nothing runs, or not known.' }),
        guestAgentConnected: z
          .boolean()
          .nullable()
          .openapi({ description: 'Whether qemu-guest-agent answers; null while nothing runs, or not known.' }),
        diskProblem: orNull(diskProblemSchema).openapi({
          description: 'While there is one, the VM is neither started nor stopped, and no snapshot of it is touched.',
        }),
        currentSnapshotId: z
          .uuid()
          .nullable()
          .openapi({ description: 'The snapshot that its disks as they are now came from.' }),
        tscFrequencyHz: z.int().nullable().openapi({
          description: "What the guest's time stamp counter is pinned to; null where it is not.",
        }),
        ...unmanagedFields,
        ...vmReportFields,
      })
      .openapi('VmStatus'),
    snapshotSchedule: orNull(snapshotScheduleSchema),
    allowedActions: allowedActionsSchema,
    createdAt: moment,
    updatedAt: moment,
    operation: operationRefSchema.optional(),
  })
  .openapi('Vm')

export const vmCreateInput = z
  .strictObject({ name: vmName, description, labels: labelsInput, spec: vmSpecInput })
  .transform(({ spec: { spec, secrets }, ...rest }) => ({ ...rest, spec, secrets }))
  .openapi('VmCreateInput')
export type VmCreateInput = z.output<typeof vmCreateInput>

export const vmParams = z.object({ id: idParam('id', 'The VM.') })

/** In a query. */
export const flag = z.enum(['', 'true', 'false'], 'must be true or false')

export const vmDeleteQuery = z.object({
  force: flag
    .default('false')
    .transform((value) => value !== 'false')
    .openapi({ type: 'boolean', description: 'Take the power away first when it runs.', example: false }),
  deleteDisks: flag
    .default('true')
    .transform((value) => value !== 'false')
    .openapi({
      type: 'boolean',
      description:
        "`false` keeps the disks: each becomes a volume of its own in the node's pool, which the operation's result names. Refused while the VM has snapshots. Disks that a VM was adopted with (`status.unmanagedDisks`) stay where they are in any case.",
      example: true,
    }),
})

export const vmListQuery = pageQuery.extend({ labelSelector: labelSelectorQuery.optional() })

export const vmPageSchema = z.object({ items: z.array(vmSchema), nextCursor: z.string().nullable() }).openapi('VmPage')

export const vmExample = {
  id: exampleIds.vm,
  name: 'web-1',
  description: '',
  origin: 'quantix',
  labels: { app: 'web' },
  spec: completeSpec(
    { cpu: { cores: 2 }, memory: { sizeMib: 2048 }, nics: [{ network: 'default' }] },
    () => '52:54:00:12:34:56',
  ),
  status: {
    state: 'RUNNING',
    message: '',
    nodeId: exampleIds.node,
    effectiveCpu: { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null },
    effectiveCpuMode: 'host-model',
    pendingRestart: false,
    pendingFields: [],
    startedAt: '2026-11-20T18:07:00.000Z',
    guestAgentConnected: true,
    diskProblem: null,
    currentSnapshotId: null,
    tscFrequencyHz: null,
    unmanagedDevices: [],
    unmanagedDisks: [],
  },
  snapshotSchedule: null,
  allowedActions: exampleAllowedActions('RUNNING'),
  createdAt: '2026-11-20T18:06:00.000Z',
  updatedAt: '2026-11-20T18:07:00.000Z',
} satisfies z.infer<typeof vmSchema>

/** What each kind leaves the VM's state at until it ends; the others leave it as it is. */
const states = {
  'vm.adopt': 'CREATING',
  'vm.create': 'CREATING',
  'vm.start': 'STARTING',
  'vm.stop': 'STOPPING',
  'vm.reboot': 'RUNNING',
  'vm.pause': 'RUNNING',
  'vm.resume': 'PAUSED',
  'vm.delete': 'DELETING',
  'vm.update': 'RUNNING',
  'disk.attach': 'RUNNING',
  'disk.detach': 'RUNNING',
  'disk.resize': 'RUNNING',
  'media.change': 'RUNNING',
  'nic.attach': 'RUNNING',
  'nic.detach': 'RUNNING',
} as const satisfies Partial<Record<OperationKind, VmState>>

/** The same VM right after a request that made an operation. */
export const acceptedVmExample = (kind: keyof typeof states) => {
  const operation = { id: exampleIds.operation, kind, status: 'queued' as const }
  return {
    ...vmExample,
    status: {
      ...vmExample.status,
      state: states[kind],
      ...(!['RUNNING', 'PAUSED'].includes(states[kind]) && {
        effectiveCpu: null,
        effectiveCpuMode: null,
        startedAt: null,
        guestAgentConnected: null,
      }),
    },
    allowedActions: exampleAllowedActions(states[kind], operation),
    operation,
  }
}
