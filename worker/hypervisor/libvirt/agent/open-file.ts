import { z } from 'zod'
import { failedFor } from './errors.ts'
import { fileError } from './file-errors.ts'
import type { GuestAgent } from './guest.ts'

const handleNumber = z.int()

/** A command about the open file. */
export type AskFile = <Schema extends z.ZodType>(
  execute: string,
  args: object,
  answer: Schema,
) => Promise<z.output<Schema>>

/** Opens a file of a guest, and closes it whatever becomes of the work. Mode is C's: r or w. Throws what `fileError` says. */
export async function withGuestFile<T>(
  agent: GuestAgent,
  { path, mode }: { path: string; mode: 'r' | 'w' },
  signal: AbortSignal,
  work: (ask: AskFile) => Promise<T>,
): Promise<T> {
  const handle = await inWordsOfFiles(
    agent.ask({ execute: 'guest-file-open', args: { path, mode } }, handleNumber, signal),
  )
  try {
    return await work((execute, args, answer) =>
      inWordsOfFiles(
        agent.ask({ execute, args: { handle, ...args }, timeoutSeconds: transferTimeoutSeconds }, answer, signal),
      ),
    )
  } finally {
    // Also where the caller has left: the agent forgets no handle by itself.
    await agent.ask({ execute: 'guest-file-close', args: { handle } }, z.unknown(), uncancelled).catch(() => {})
  }
}

/** A slow disk of the guest takes its time. */
const transferTimeoutSeconds = 15

const uncancelled = new AbortController().signal

async function inWordsOfFiles<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (failedFor(error, 'GUEST_AGENT_REFUSED')) throw fileError(error.message.replace(/^.*?: /, ''), error)
    throw error
  }
}
