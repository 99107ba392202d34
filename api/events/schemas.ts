import { z } from '@hono/zod-openapi'
import { exampleIds, moment } from '#api/http/fields.ts'
import { eventActor, eventSeverity, eventTypes } from '#db/schema/event.ts'

export const eventSchema = z
  .object({
    id: z.string().openapi({ description: 'A number that rises over all VMs.', example: '4711' }),
    vmId: z.uuid(),
    nodeId: z.uuid(),
    type: z.enum(eventTypes).openapi({ description: 'New types may come: treat one that you do not know as text.' }),
    severity: z.enum(eventSeverity.enumValues),
    actor: z.enum(eventActor.enumValues).openapi({
      description:
        "Who did it. `user`: a request; `schedule`: the VM's own; `guest`: the guest by itself; `node`: somebody or something on the node, past this API; `system`: the control plane by itself.",
    }),
    operationId: z.uuid().nullable().openapi({ description: 'The operation that did it; null where none did.' }),
    message: z.string().openapi({ description: 'For people.' }),
    details: z.record(z.string(), z.unknown()).openapi({
      description:
        'Facts that belong to the type: `from` and `to` of a change, `kind`, `input` and `error` of an operation, `reason` of what nobody asked for.',
    }),
    createdAt: moment,
  })
  .openapi('Event')

export const eventExample = {
  id: '4711',
  vmId: exampleIds.vm,
  nodeId: exampleIds.node,
  type: 'vm.state-changed',
  severity: 'info',
  actor: 'guest',
  operationId: null,
  message: 'RUNNING → STOPPED: The guest shut down.',
  details: { from: 'RUNNING', to: 'STOPPED', reason: 'shutdown' },
  createdAt: '2026-11-20T18:06:00.000Z',
} as const satisfies z.infer<typeof eventSchema>

export const eventPageSchema = z
  .object({ items: z.array(eventSchema), nextCursor: z.string().nullable() })
  .openapi('EventPage')
