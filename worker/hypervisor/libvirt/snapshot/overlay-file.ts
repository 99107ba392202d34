import { open } from 'node:fs/promises'
import path from 'node:path'

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

/** docs/interop/qcow2.txt of QEMU; big endian. */
const header = {
  bytes: 104,
  magic: 0x514649fb,
  version: 4,
  backingOffset: 8,
  backingSize: 16,
  capacity: 24,
  l1Entries: 36,
  l1Offset: 40,
  /** From version 3 on: where the header's extensions begin. */
  length: 100,
} as const
/** An extension: its type, the length of its data, and the data, padded to eight bytes. */
const extension = { bytes: 8, lengthOffset: 4, backingFormat: 0xe2792aca, padding: 8 } as const
const extensionsBytesMax = 65_536
const l1EntryBytes = 8
/** What stat(2) counts blocks in. */
export const blockBytes = 512
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
    const { mtimeMs, blocks } = await handle.stat()
    const head = await read(header.bytes, 0)
    if (head.length < header.bytes || head.readUInt32BE(0) !== header.magic) return null
    const backingSize = Math.min(head.readUInt32BE(header.backingSize), backingBytesMax)
    const backingOffset = Number(head.readBigUInt64BE(header.backingOffset))
    const backing = (await read(backingSize, backingOffset)).toString()
    const l1Bytes = Math.min(head.readUInt32BE(header.l1Entries) * l1EntryBytes, l1BytesMax)
    const l1 = await read(l1Bytes, Number(head.readBigUInt64BE(header.l1Offset)))
    return {
      backing: backing === '' ? null : path.resolve(path.dirname(file), backing),
      backingFormat: backingFormatOf(await read(Math.min(backingOffset, extensionsBytesMax), 0)),
      capacityBytes: Number(head.readBigUInt64BE(header.capacity)),
      allocationBytes: blocks * blockBytes,
      empty: l1.every((byte) => byte === 0),
      modifiedAtMs: mtimeMs,
    }
  } finally {
    await handle.close()
  }
}

/** In what lies before the backing file's name. */
function backingFormatOf(head: Buffer): string | null {
  if (head.length < header.bytes || head.readUInt32BE(header.version) < 3) return null
  for (let at = head.readUInt32BE(header.length); at + extension.bytes <= head.length; ) {
    const type = head.readUInt32BE(at)
    const length = head.readUInt32BE(at + extension.lengthOffset)
    const data = at + extension.bytes
    if (type === 0) return null
    if (type === extension.backingFormat) return head.toString('utf8', data, data + length)
    at = data + Math.ceil(length / extension.padding) * extension.padding
  }
  return null
}
