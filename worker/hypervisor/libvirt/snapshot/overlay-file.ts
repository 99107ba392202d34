import { open } from 'node:fs/promises'
import path from 'node:path'

/** What a qcow2 file says of itself. */
export interface OverlayFile {
  /** The file that it is an overlay of; absolute. */
  backing: string | null
  /** Nothing was ever written to it. */
  empty: boolean
  /** Of its last write. */
  modifiedAtMs: number
}

/** docs/interop/qcow2.txt of QEMU; big endian. */
const header = { bytes: 48, magic: 0x514649fb, backingOffset: 8, backingSize: 16, l1Entries: 36, l1Offset: 40 } as const
const l1EntryBytes = 8
/** QEMU's own limits. */
const backingBytesMax = 1023
const l1BytesMax = 32 * 2 ** 20

/** Reads a file of the pool without QEMU, so also one that a QEMU has open; null for one that is gone, or no qcow2. */
export async function readOverlayFile(file: string): Promise<OverlayFile | null> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (!handle) return null
  const read = async (bytes: number, position: number) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, position)
    return buffer.subarray(0, bytesRead)
  }
  try {
    const { mtimeMs } = await handle.stat()
    const head = await read(header.bytes, 0)
    if (head.length < header.bytes || head.readUInt32BE(0) !== header.magic) return null
    const backingSize = Math.min(head.readUInt32BE(header.backingSize), backingBytesMax)
    const backing = (await read(backingSize, Number(head.readBigUInt64BE(header.backingOffset)))).toString()
    const l1Bytes = Math.min(head.readUInt32BE(header.l1Entries) * l1EntryBytes, l1BytesMax)
    const l1 = await read(l1Bytes, Number(head.readBigUInt64BE(header.l1Offset)))
    return {
      backing: backing === '' ? null : path.resolve(path.dirname(file), backing),
      empty: l1.every((byte) => byte === 0),
      modifiedAtMs: mtimeMs,
    }
  } finally {
    await handle.close()
  }
}
