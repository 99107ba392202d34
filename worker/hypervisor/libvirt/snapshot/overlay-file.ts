import { open } from 'node:fs/promises'
import path from 'node:path'
import { unlessGone } from '#worker/files.ts'
import { parseQcow2Header, qcow2Extensions, qcow2HeadBytes } from '#worker/images/inspect/qcow2-header.ts'

/** What a qcow2 file says of itself. */
export interface OverlayFile {
  /** The file that it is an overlay of; absolute. */
  backing: string | null
  /** As the file states it; null where it states none. */
  backingFormat: string | null
  /** Of the disk in it. */
  capacityBytes: number
  /** What it takes on the disk. */
  allocationBytes: number
  /** Nothing was ever written to it. */
  empty: boolean
  /** Of its last write. */
  modifiedAtMs: number
}

/** What stat(2) counts blocks in. */
export const blockBytes = 512
/** QEMU's own limits. */
const backingBytesMax = 1023
const l1BytesMax = 32 * 2 ** 20
const l1EntryBytes = 8

/** Reads a file of a pool without QEMU, so also one that a QEMU has open; null for one that is gone, or no qcow2. */
export async function readOverlayFile(file: string, flags: number | 'r' = 'r'): Promise<OverlayFile | null> {
  const handle = await unlessGone(open(file, flags))
  if (!handle) return null
  const read = async (bytes: number, position: number) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, position)
    return buffer.subarray(0, bytesRead)
  }
  try {
    const { mtimeMs, blocks } = await handle.stat()
    const head = await read(qcow2HeadBytes, 0)
    const header = parseQcow2Header(head)
    if (!header) return null
    const { backingOffset, backingBytes, extensions } = header
    const backing = head.toString('utf8', backingOffset, backingOffset + Math.min(backingBytes, backingBytesMax))
    const l1 = await read(Math.min(header.l1Entries * l1EntryBytes, l1BytesMax), header.l1Offset)
    const format = extensions?.find(({ type }) => type === qcow2Extensions.backingFormat)
    return {
      backing: backing === '' ? null : path.resolve(path.dirname(file), backing),
      backingFormat: format?.data.toString() ?? null,
      capacityBytes: header.virtualSizeBytes,
      allocationBytes: blocks * blockBytes,
      empty: l1.every((byte) => byte === 0),
      modifiedAtMs: mtimeMs,
    }
  } finally {
    await handle.close()
  }
}
