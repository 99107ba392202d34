import { z } from '@hono/zod-openapi'
import { exampleIds, moment } from '#api/http/fields.ts'
import { cpuFeaturePolicies, cpuModes } from '#db/vm-spec.ts'

const cpuModeSchema = z
  .object({
    mode: z.enum(cpuModes),
    title: z.string().openapi({ description: 'What people read for the mode.' }),
    supported: z.boolean().openapi({ description: 'Found by trying when the worker started.' }),
    virtType: z
      .enum(['kvm', 'qemu'])
      .nullable()
      .openapi({ description: 'By hardware virtualisation, or by emulation (TCG). Null where the mode does not run.' }),
    message: z.string().nullable().openapi({
      description: 'Why the mode does not run, or what was worked around; null where there is nothing to say.',
    }),
    features: z
      .array(z.object({ name: z.string(), policy: z.enum(cpuFeaturePolicies) }))
      .openapi({ description: 'CPU feature policies that this machine needs for the mode.' }),
  })
  .openapi('NodeCpuMode')

export const nodeSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: z
      .object({
        phase: z.enum(['READY', 'SILENT']).openapi({
          description:
            '`SILENT`: it has not answered for 30 s. The state of its VMs is `UNKNOWN`, and what is asked of it is done as soon as it is back.',
        }),
        silentSince: moment.nullable().openapi({ description: 'When a silent node was last heard of.' }),
      })
      .openapi('NodeStatus'),
    daemonAddress: z.string().nullable().openapi({
      description:
        'Where the control plane reaches the node daemon (gRPC), `host:port`; null where the node says none.',
    }),
    daemon: z
      .object({
        state: z.enum(['CONNECTING', 'CONNECTED', 'UNREACHABLE', 'WRONG_NODE']).openapi({
          description: '`WRONG_NODE`: another node answers at its address. It is asked for nothing.',
        }),
        message: z.string().nullable().openapi({ description: 'Why it is not connected; null where it is.' }),
      })
      .nullable()
      .openapi('NodeDaemon', {
        description:
          'Whether this API reaches the node daemon by itself; null where it does not try. What is asked of a node otherwise goes through the queue.',
      }),
    hypervisor: z.enum(['libvirt', 'simulated']),
    libvirtVersion: z.string().nullable(),
    qemuVersion: z.string().nullable(),
    cpuCount: z.int(),
    memoryMib: z.int(),
    cpuModes: z.array(cpuModeSchema),
    tscFrequencyHz: z.int().nullable().openapi({
      description: "Of the host's time stamp counter; null where the node does not say. VMs with `pinnedTsc` need it.",
    }),
    tscScaling: z
      .boolean()
      .openapi({ description: 'Whether a guest whose counter has another frequency can run here.' }),
    storageFreeBytes: z.int().nullable().openapi({
      description: "Free in the node's storage pool at the last heartbeat; null where the node does not say.",
    }),
    lastSeenAt: moment,
    createdAt: moment,
  })
  .openapi('Node')

export const nodePageSchema = z
  .object({ items: z.array(nodeSchema), nextCursor: z.string().nullable() })
  .openapi('NodePage')

export const nodeExample = {
  id: exampleIds.node,
  name: 'node-1',
  status: { phase: 'READY', silentSince: null },
  daemonAddress: '10.0.0.11:9090',
  daemon: { state: 'CONNECTED', message: null },
  hypervisor: 'libvirt',
  libvirtVersion: '9.0.0',
  qemuVersion: '7.2.0',
  cpuCount: 16,
  memoryMib: 65_536,
  cpuModes: [
    { mode: 'host-model', title: 'Quantix Flexible', supported: true, virtType: 'kvm', message: null, features: [] },
    {
      mode: 'host-passthrough',
      title: 'Quantix Performance',
      supported: false,
      virtType: null,
      message: 'host-passthrough needs KVM, and this node has none',
      features: [],
    },
  ],
  tscFrequencyHz: 2_596_126_000,
  tscScaling: false,
  storageFreeBytes: 480_103_981_056,
  lastSeenAt: '2026-11-20T18:06:00.000Z',
  createdAt: '2026-11-20T17:00:00.000Z',
} satisfies z.infer<typeof nodeSchema>
