import { z } from '@hono/zod-openapi'
import { exampleIds, moment } from '#api/http/fields.ts'
import type { GuestAnswer, GuestCall } from '#db/guest-call.ts'
import {
  commandLineText,
  fitsCommandLine,
  guestArgs,
  guestCommand,
  guestDataMax,
  guestEnvironment,
  guestMountPoints,
  guestPath,
  guestStdinMax,
  programOutputDefault,
  programTimeoutDefault,
  programTimeoutMax,
  quiesceTimeoutDefault,
  quiesceTimeoutMax,
  quiesceToken,
} from '#db/guest-requests.ts'

/** Bytes in JSON; four characters are three of them. */
const base64 = (mostBytes: number) =>
  z
    .string()
    .max(Math.ceil(mostBytes / 3) * 4, `must have at most ${mostBytes} bytes`)
    .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64')

export const programInput = z
  .strictObject({
    command: guestCommand.openapi({
      description: 'The program, by its path or a name that the guest finds; no shell reads it.',
      example: 'uname',
    }),
    args: guestArgs.default([]).openapi({ description: 'Its arguments, as they are.', example: ['-r'] }),
    environment: guestEnvironment.default({}).openapi({
      description: 'All of its environment, but for a `PATH`; empty leaves that to the agent.',
      example: { LANG: 'C' },
    }),
    workingDirectory: guestPath
      .nullable()
      .default(null)
      .openapi({ description: 'An absolute path; null leaves it to the agent.', example: '/tmp' }),
    stdin: base64(guestStdinMax)
      .default('')
      .openapi({ description: 'What it reads from standard input, in base64; at most 64 KiB.', example: '' }),
    timeoutSeconds: z.int().min(1).max(programTimeoutMax).default(programTimeoutDefault).openapi({
      description: 'When its time is up, it is ended with all that it has started.',
    }),
    outputLimitBytes: z.int().min(1).max(guestDataMax).default(programOutputDefault).openapi({
      description: 'Most that is kept of each output, in bytes.',
    }),
    waitForExit: z.boolean().default(true).openapi({
      description: 'Without it the program is started and left alone; what it writes is lost.',
    }),
  })
  .refine(fitsCommandLine, { path: ['args'], message: commandLineText })
  .openapi('GuestProgramInput')

export const fileQuery = z.object({
  path: guestPath.openapi({
    param: { name: 'path', in: 'query' },
    description: 'The file, by its absolute path in the guest.',
    example: '/etc/os-release',
  }),
})

export const fileReadQuery = fileQuery.extend({
  offset: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).openapi({
    description: 'Where the part begins, in bytes.',
    example: 0,
  }),
  maxBytes: z.coerce.number().int().min(1).max(guestDataMax).default(guestDataMax).openapi({
    description: 'How long the part is at most, in bytes.',
    example: 65536,
  }),
})

export const fileInput = z
  .strictObject({
    data: base64(guestDataMax).openapi({
      description: 'What will be in it, in base64; at most 1 MiB.',
      example: 'cXVhbnRpeAo=',
    }),
    mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be permission bits in octal, like 0644')
      .nullable()
      .default(null)
      .openapi({
        description: 'Permission bits; null keeps those of the file that was there, and leaves others to the guest.',
        example: '0644',
      }),
    createParents: z
      .boolean()
      .default(false)
      .openapi({ description: 'Whether directories that are missing are made.' }),
  })
  .openapi('GuestFileInput')

export const timeSyncInput = z
  .strictObject({
    force: z.boolean().default(false).openapi({ description: 'Set it also where it is less than a second off.' }),
  })
  .openapi('GuestTimeSyncInput')

export const guestShutdownInput = z
  .strictObject({ reboot: z.boolean().default(false).openapi({ description: 'Whether it comes up again.' }) })
  .openapi('GuestShutdownInput')

export const quiesceInput = z
  .strictObject({
    mountPoints: guestMountPoints.default([]).openapi({
      description: 'Where the file systems are mounted; empty means all that can be written to.',
      example: ['/'],
    }),
    timeoutSeconds: z.int().min(1).max(quiesceTimeoutMax).default(quiesceTimeoutDefault).openapi({
      description: 'After so long they are thawed in any case.',
    }),
    runPreFreezeScripts: z.boolean().default(false).openapi({
      description: "Whether the guest's own scripts are run before.",
    }),
  })
  .openapi('GuestQuiesceInput')

export const thawInput = z
  .strictObject({
    token: quiesceToken.openapi({ description: 'What the freeze was answered with.', example: exampleIds.operation }),
    runPostThawScripts: z.boolean().default(false).openapi({
      description: "Whether the guest's own scripts are run after.",
    }),
  })
  .openapi('GuestThawInput')

type AnswerSchema<K extends GuestCall> = z.ZodType<GuestAnswer<K>>

const pingSchema = z
  .object({
    connected: z.boolean().openapi({ description: 'Whether an agent answers.' }),
    version: z.string().nullable().openapi({ description: "The agent's own." }),
    uptimeSeconds: z
      .int()
      .nullable()
      .openapi({ description: 'How long the guest has been up; null where it does not say.' }),
    message: z.string().openapi({ description: 'For people: why no agent answers; empty where one does.' }),
  })
  .openapi('GuestPing') satisfies AnswerSchema<'agent.ping'>

const programSchema = z
  .object({
    exitCode: z.int().nullable().openapi({
      description:
        'As a shell has it: 128 and the number of the signal that ended it. Null where its time was up, or nobody waited.',
    }),
    stdout: z.string().openapi({ description: 'Up to the limit; what is no UTF-8 is replaced.' }),
    stderr: z.string().openapi({ description: 'Up to the limit; what is no UTF-8 is replaced.' }),
    stdoutTruncated: z.boolean().openapi({ description: 'Whether there was more.' }),
    stderrTruncated: z.boolean().openapi({ description: 'Whether there was more.' }),
    timedOut: z.boolean(),
    durationMs: z.int(),
  })
  .openapi('GuestProgramEnded') satisfies AnswerSchema<'agent.exec'>

const fileReadSchema = z
  .object({
    data: z.string().openapi({ description: 'In base64.' }),
    totalBytes: z.int().nullable().openapi({ description: 'Size of the file; null where the guest does not say.' }),
    isEnd: z.boolean().openapi({ description: 'Whether the file ends with it.' }),
  })
  .openapi('GuestFilePart') satisfies AnswerSchema<'agent.read-file'>

const fileWrittenSchema = z
  .object({ sizeBytes: z.int() })
  .openapi('GuestFileWritten') satisfies AnswerSchema<'agent.write-file'>

const clockSchema = z
  .object({
    offsetBeforeSeconds: z.number().openapi({
      description: "How far the guest's clock was ahead of its source, negative where it was behind.",
    }),
    offsetAfterSeconds: z.number().openapi({ description: 'How far it is ahead now.' }),
    source: z.literal('node').openapi({ description: 'What it was set to.' }),
  })
  .openapi('GuestClock') satisfies AnswerSchema<'agent.sync-time'>

const shutdownSchema = z
  .object({ accepted: z.literal(true).openapi({ description: 'The agent did not refuse.' }) })
  .openapi('GuestShutdown') satisfies AnswerSchema<'agent.shutdown'>

const frozenSchema = z
  .object({
    token: z.uuid().openapi({ description: 'What thaws them, once.' }),
    deadlineAt: moment.openapi({ description: 'When they are thawed in any case.' }),
    fileSystems: z.array(
      z.object({
        mountPoint: z.string(),
        device: z.string().nullable(),
        type: z.string(),
        frozen: z.boolean(),
        error: z.string().nullable().openapi({ description: 'Why it is not frozen; null where it is.' }),
      }),
    ),
  })
  .openapi('GuestFrozen') satisfies AnswerSchema<'agent.quiesce'>

const thawedSchema = z
  .object({
    mountPoints: z.array(z.string()).openapi({ description: 'What was thawed.' }),
    frozenMs: z.int().openapi({ description: 'How long they were frozen.' }),
    scriptsError: z.string().nullable().openapi({ description: 'Why the scripts failed; null where they did not.' }),
  })
  .openapi('GuestThawed') satisfies AnswerSchema<'agent.thaw'>

/** Each call's answer, and one for the documentation. */
export const guestAnswers = {
  'agent.ping': {
    schema: pingSchema,
    example: { connected: true, version: '7.2.22', uptimeSeconds: 86_400, message: '' },
  },
  'agent.exec': {
    schema: programSchema,
    example: {
      ...{ exitCode: 0, stdout: '6.1.0-41-amd64\n', stderr: '', stdoutTruncated: false, stderrTruncated: false },
      ...{ timedOut: false, durationMs: 31 },
    },
  },
  'agent.read-file': { schema: fileReadSchema, example: { data: 'cXVhbnRpeAo=', totalBytes: 8, isEnd: true } },
  'agent.write-file': { schema: fileWrittenSchema, example: { sizeBytes: 8 } },
  'agent.sync-time': {
    schema: clockSchema,
    example: { offsetBeforeSeconds: -3.218, offsetAfterSeconds: 0.002, source: 'node' },
  },
  'agent.shutdown': { schema: shutdownSchema, example: { accepted: true } },
  'agent.quiesce': {
    schema: frozenSchema,
    example: {
      ...{ token: 'f3a1c9d2-7b64-4e0a-9c55-1d2e3f405162', deadlineAt: '2026-11-20T18:07:00.000Z' },
      fileSystems: [{ mountPoint: '/', device: '/dev/vda1', type: 'ext4', frozen: true, error: null }],
    },
  },
  'agent.thaw': { schema: thawedSchema, example: { mountPoints: ['/'], frozenMs: 840, scriptsError: null } },
} as const satisfies { [K in GuestCall]: { schema: AnswerSchema<K>; example: GuestAnswer<K> } }
