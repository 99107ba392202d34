import { z } from '@hono/zod-openapi'
import { moment } from '#api/http/fields.ts'

const bytes = z.int()
const rate = z.number().nullable()

const current = z.boolean().openapi({
  description:
    'False of what is older than three reports, as while its node is silent: then it is what was, not what is.',
})

const vmUsageSchema = z
  .object({
    sampledAt: moment,
    current,
    cpu: z.object({
      timeSeconds: z.number(),
      percent: rate.openapi({ description: 'Of all its vCPUs: 100 is all of them busy.' }),
    }),
    memory: z.object({
      balloonBytes: bytes.nullable().openapi({ description: 'What the guest has now.' }),
      residentBytes: bytes.nullable().openapi({ description: "What QEMU takes of the node's memory." }),
      guestTotalBytes: bytes.nullable().openapi({ description: "What the guest's kernel counts as its memory." }),
      guestUsedBytes: bytes
        .nullable()
        .openapi({ description: 'What of that no program of the guest could have any more.' }),
    }),
    disks: z.array(
      z.object({
        target: z.string(),
        readBytes: bytes,
        writtenBytes: bytes,
        readRequests: z.int(),
        writeRequests: z.int(),
        readBytesPerSecond: rate,
        writtenBytesPerSecond: rate,
        readIops: rate,
        writeIops: rate,
        capacityBytes: bytes.nullable().openapi({ description: 'What the guest sees as its size.' }),
        fileBytes: bytes.nullable().openapi({ description: 'The size of the file that it writes to now.' }),
      }),
    ),
    nics: z.array(
      z.object({
        mac: z.string(),
        receivedBytes: bytes,
        sentBytes: bytes,
        receivedPackets: z.int(),
        sentPackets: z.int(),
        droppedPackets: z.int().openapi({ description: 'Both ways.' }),
        receivedBytesPerSecond: rate,
        sentBytesPerSecond: rate,
      }),
    ),
  })
  .openapi('VmUsage', {
    description:
      'Only of a running VM that is read, once it was sampled: what it uses, every 30 s. Totals count from its start; a rate is null until there are two samples. Null is what the node, or the balloon driver of the guest, does not say.',
  })

const guestAgentSchema = z
  .object({
    connected: z.boolean(),
    lastSeenAt: moment,
    current,
    version: z.string().nullable().openapi({ description: "The agent's own." }),
    osName: z.string().nullable(),
    osVersion: z.string().nullable(),
    kernelVersion: z.string().nullable(),
    hostname: z.string().nullable(),
    interfaces: z.array(
      z.object({
        name: z.string(),
        mac: z.string().nullable(),
        ipv4: z.array(z.string()),
        ipv6: z.array(z.string()),
      }),
    ),
    fileSystems: z.array(
      z.object({
        mountpoint: z.string(),
        type: z.string(),
        totalBytes: bytes.nullable(),
        usedBytes: bytes.nullable(),
      }),
    ),
    users: z
      .array(z.object({ name: z.string(), loginAt: moment.nullable() }))
      .openapi({ description: 'Who is logged in; empty too where the agent cannot say.' }),
    capabilities: z
      .array(z.string())
      .openapi({ description: 'What the agent can be asked for, like `guest-fsfreeze-freeze`.' }),
  })
  .openapi('GuestAgent', {
    description:
      'Only of a running VM that is read, once its agent has answered: what qemu-guest-agent says of its guest, asked every minute. It is the guest who says it.',
  })

/** What is read of a VM beside its row; left out of the answers to requests that change it. */
export const vmReportFields = {
  usage: vmUsageSchema.optional(),
  guestAgent: guestAgentSchema.optional(),
  ipAddresses: z.array(z.string()).optional().openapi({
    description:
      "Only of a running VM that is read. What it can be reached under: from its guest agent, else from the node's DHCP leases and neighbours.",
  }),
}
