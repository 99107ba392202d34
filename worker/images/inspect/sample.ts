import type { FileHandle } from 'node:fs/promises'
import { qcow2HeadBytes } from './qcow2-header.ts'

/** All of a file that inspecting it needs. */
export interface ImageSample {
  fileBytes: number
  /** The first `sampleHeadBytes`, or all there are. */
  head: Buffer
  /** The last `sampleTailBytes`, or all there are. */
  tail: Buffer
}

/** Holds qcow2's header with its extensions, and the first volume descriptor of an ISO (at 32 KiB). */
export const sampleHeadBytes = qcow2HeadBytes
export const sampleTailBytes = 512

/** Reads no more than the sample, however large the file. */
export async function readSample(handle: FileHandle): Promise<ImageSample> {
  const { size } = await handle.stat()
  return {
    fileBytes: size,
    head: await readAt(handle, 0, sampleHeadBytes),
    tail: await readAt(handle, Math.max(0, size - sampleTailBytes), sampleTailBytes),
  }
}

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, position)
  return buffer.subarray(0, bytesRead)
}
