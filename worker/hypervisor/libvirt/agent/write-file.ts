import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { GuestFileWrite } from '#worker/hypervisor/agent-calls.ts'
import { unreadableAnswer } from './errors.ts'
import { fileError } from './file-errors.ts'
import type { GuestAgent } from './guest.ts'
import { withGuestFile } from './open-file.ts'
import { runScript } from './run-script.ts'
import { placeScript, prepareScript, removeScript } from './scripts.ts'

/** As base64 it fits into one command. */
const chunkBytes = 65_536
const uncancelled = new AbortController().signal

const written = z.object({ count: z.int().positive() })

/** Writes a file whole beside the old one, and moves it to its place. Resolves to its size, bytes. */
export async function writeGuestFile(
  agent: GuestAgent,
  { path, data, mode, createParents }: GuestFileWrite,
  signal: AbortSignal,
): Promise<number> {
  const name = `.quantix-${randomUUID()}`
  const paths = await run(agent, prepareScript, [path, name, createParents ? 'parents' : ''], signal)
  const [temporary, target] = paths.split('\n')
  if (!temporary?.endsWith(name) || !target) throw unreadableAnswer()
  try {
    await writeAll(agent, temporary, data, signal)
    await run(agent, placeScript, [temporary, target, mode?.toString(8) ?? ''], signal)
  } catch (error) {
    await runScript(agent, removeScript, [temporary], uncancelled).catch(() => {})
    throw error
  }
  return data.length
}

const writeAll = (agent: GuestAgent, path: string, data: Uint8Array, signal: AbortSignal): Promise<void> =>
  withGuestFile(agent, { path, mode: 'w' }, signal, async (ask) => {
    for (let offset = 0; offset < data.length; ) {
      const chunk = Buffer.from(data.subarray(offset, offset + chunkBytes))
      const { count } = await ask('guest-file-write', { 'buf-b64': chunk.toString('base64') }, written)
      offset += count
    }
    await ask('guest-file-flush', {}, z.unknown())
  })

async function run(agent: GuestAgent, script: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { exitCode, stdout, stderr } = await runScript(agent, script, args, signal)
  if (exitCode === 0) return stdout.toString()
  throw fileError(stderr.toString().trim() || `a step of writing it ended with ${exitCode}`)
}
