import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '#db/errors.ts'
import { failedFor } from './errors.ts'
import type { GuestAgent } from './guest.ts'

export interface Program {
  path: string
  args: readonly string[]
  environment?: Readonly<Record<string, string>>
  stdin?: Uint8Array | null
  /** The agent itself bounds what it keeps by 16 MiB, and libvirt is done with an agent that answers over 10 MiB. */
  keepsOutput: boolean
}

const started = z.object({ pid: z.int().positive() })

const base64 = z
  .string()
  .optional()
  .transform((text) => Buffer.from(text ?? '', 'base64'))
const status = z.object({
  exited: z.boolean(),
  exitcode: z.int().optional(),
  signal: z.int().optional(),
  'out-data': base64,
  'err-data': base64,
})

export interface Ended {
  /** As a shell has it: 128 and the signal's number of what a signal ended. */
  exitCode: number
  stdout: Buffer
  stderr: Buffer
}

/** A program ends within milliseconds, or takes its time. */
const pauseMs = { first: 10, growth: 1.5, last: 500 }
const signalExitCode = 128

/** Resolves to the process's id. Throws `GUEST_AGENT_REFUSED` where it cannot be run. */
export async function startProgram(agent: GuestAgent, program: Program, signal: AbortSignal): Promise<number> {
  const { path, args, environment = {}, stdin, keepsOutput } = program
  const env = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const wanted = {
    path,
    arg: args,
    ...(env.length > 0 && { env }),
    ...(stdin && { 'input-data': Buffer.from(stdin).toString('base64') }),
    'capture-output': keepsOutput,
  }
  return (await agent.ask({ execute: 'guest-exec', args: wanted }, started, signal)).pid
}

/** Waits for a program's end; null where it has not come within the time, or nobody can say. */
export async function awaitEnd(
  agent: GuestAgent,
  pid: number,
  withinMs: number,
  signal: AbortSignal,
): Promise<Ended | null> {
  const untilMs = performance.now() + withinMs
  for (let waitMs = pauseMs.first; ; waitMs = Math.min(waitMs * pauseMs.growth, pauseMs.last)) {
    const ended = await findEnd(agent, pid, signal)
    if (ended) return ended
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0) return null
    await sleep(Math.min(waitMs, leftMs), undefined, { signal }).catch(() => {
      throw signal.reason
    })
  }
}

async function findEnd(agent: GuestAgent, pid: number, signal: AbortSignal): Promise<Ended | null> {
  try {
    const command = { execute: 'guest-exec-status', args: { pid }, timeoutSeconds: answerTimeoutSeconds }
    const { exited, exitcode, signal: number, ...outputs } = await agent.ask(command, status, signal)
    if (!exited) return null
    const exitCode = exitcode ?? signalExitCode + (number ?? 0)
    return { exitCode, stdout: outputs['out-data'], stderr: outputs['err-data'] }
  } catch (error) {
    // The program goes on while its guest is frozen, or its agent is slow.
    if (failedFor(error, 'GUEST_IS_FROZEN', 'GUEST_AGENT_NOT_RESPONDING', 'GUEST_AGENT_BUSY')) return null
    if (failedFor(error, 'GUEST_AGENT_REFUSED')) throw lost(error)
    throw error
  }
}

/** Two outputs of 1 MiB take a slow guest a second. */
const answerTimeoutSeconds = 15

const lost = (cause: AppError): AppError =>
  new AppError(
    'failed_precondition',
    'The guest agent has begun anew and knows nothing of the program: what became of it, its guest alone can say.',
    { reason: 'GUEST_PROGRAM_LOST', cause },
  )
