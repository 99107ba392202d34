import { z } from 'zod'
import type { GuestFilePart, GuestFileRead } from '#worker/hypervisor/agent-calls.ts'
import { failedFor } from './errors.ts'
import type { GuestAgent } from './guest.ts'
import { type AskFile, withGuestFile } from './open-file.ts'

/** Of one answer: libvirt's strings end at 4 MiB, and a guest needs about 50 ms for so much. */
const chunkBytes = 262_144

const seeked = z.object({ position: z.int().nonnegative() })
const chunk = z.object({ 'buf-b64': z.string(), eof: z.boolean() })

/** A part of a file. Throws `not_found`, `permission_denied`, and `failed_precondition` for what is no file. */
export const readGuestFile = (
  agent: GuestAgent,
  { path, offset, maxBytes }: Omit<GuestFileRead, 'vmId'>,
  signal: AbortSignal,
): Promise<GuestFilePart> =>
  withGuestFile(agent, { path, mode: 'r' }, signal, async (ask) => {
    const size = await readSize(ask)
    await ask('guest-file-seek', { offset, whence: 'set' }, seeked)
    const parts: Buffer[] = []
    let length = 0
    let atEnd = false
    while (!atEnd && length < maxBytes) {
      const count = Math.min(chunkBytes, maxBytes - length)
      const { 'buf-b64': encoded, eof } = await ask('guest-file-read', { count }, chunk)
      const part = Buffer.from(encoded, 'base64').subarray(0, count)
      parts.push(part)
      length += part.length
      atEnd = eof || part.length === 0
    }
    const isEnd = atEnd || (size > 0 && offset + length >= size)
    return { data: Buffer.concat(parts), totalBytes: size === 0 && length > 0 ? null : size, isEnd }
  })

/** 0 of what has no size, as the files of /proc. */
async function readSize(ask: AskFile): Promise<number> {
  try {
    return (await ask('guest-file-seek', { offset: 0, whence: 'end' }, seeked)).position
  } catch (error) {
    if (failedFor(error, 'GUEST_FILE_FAILED')) return 0
    throw error
  }
}
