/** The head of a qcow2 file as it stands there: nothing in it is checked. Numbers above 2^53 lose their last digits. */
export interface Qcow2Header {
  version: number
  backingOffset: number
  backingBytes: number
  clusterBits: number
  virtualSizeBytes: number
  encryption: number
  l1Entries: number
  l1Offset: number
  refcountTableOffset: number
  refcountTableClusters: number
  snapshotCount: number
  incompatible: bigint
  refcountOrder: number
  headerBytes: number
  compression: number
  /** Null where their list does not end where it must, or beyond what was read. */
  extensions: readonly Qcow2Extension[] | null
}

interface Qcow2Extension {
  type: number
  data: Buffer
}

/** docs/interop/qcow2.txt of QEMU. */
export const qcow2Extensions = { backingFormat: 0xe2792aca, externalDataFile: 0x44415441 } as const

const magic = 0x514649fb
/** What version 2 ends with, and version 3 has at least. */
const headerBytes = { v2: 72, v3: 104 } as const
/** Bits of the largest cluster that QEMU makes. */
const clusterBitsMax = 21
const extensionHeadBytes = 8
const extensionPadding = 8

/** As much of a file as holds the header, its extensions and the backing file's name in every image that QEMU makes. */
export const qcow2HeadBytes = 65_536

/**
 * Reads the first bytes of a file (docs/interop/qcow2.txt of QEMU; big endian), `qcow2HeadBytes` of them or all there are.
 * Null for what is no qcow2, or cut off within the header.
 */
export function parseQcow2Header(head: Buffer): Qcow2Header | null {
  if (head.length < headerBytes.v3 || head.readUInt32BE(0) !== magic) return null
  const uint64 = (offset: number) => Number(head.readBigUInt64BE(offset))
  const version = head.readUInt32BE(4)
  const backingOffset = uint64(8)
  const clusterBits = head.readUInt32BE(20)
  const isV3 = version >= 3
  const length = isV3 ? head.readUInt32BE(100) : headerBytes.v2
  const extensionsEnd = backingOffset || 2 ** Math.min(clusterBits, clusterBitsMax)
  return {
    version,
    backingOffset,
    backingBytes: head.readUInt32BE(16),
    clusterBits,
    virtualSizeBytes: uint64(24),
    encryption: head.readUInt32BE(32),
    l1Entries: head.readUInt32BE(36),
    l1Offset: uint64(40),
    refcountTableOffset: uint64(48),
    refcountTableClusters: head.readUInt32BE(56),
    snapshotCount: head.readUInt32BE(60),
    incompatible: isV3 ? head.readBigUInt64BE(72) : 0n,
    refcountOrder: isV3 ? head.readUInt32BE(96) : 4,
    headerBytes: length,
    compression: length > headerBytes.v3 ? (head[headerBytes.v3] ?? 0) : 0,
    extensions: readExtensions(head.subarray(0, extensionsEnd), length, extensionsEnd),
  }
}

/** Each has a type, the length of its data, and the data, padded; type 0 ends them, or the place where they must end. */
function readExtensions(head: Buffer, start: number, end: number): Qcow2Extension[] | null {
  const extensions: Qcow2Extension[] = []
  for (let at = start; at < end; ) {
    const dataStart = at + extensionHeadBytes
    if (dataStart > head.length) return null
    const type = head.readUInt32BE(at)
    const dataEnd = dataStart + head.readUInt32BE(at + 4)
    if (dataEnd > head.length) return null
    if (type === 0) break
    extensions.push({ type, data: head.subarray(dataStart, dataEnd) })
    at = Math.ceil(dataEnd / extensionPadding) * extensionPadding
  }
  return extensions
}
