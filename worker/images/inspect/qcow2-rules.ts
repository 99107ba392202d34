import { type Qcow2Header, qcow2Extensions } from './qcow2-header.ts'
import type { ImageRefusal, ImageRefusalReason } from './refusal.ts'
import { isUsableSize, sizeRefusal } from './virtual-size.ts'

/** Bits of the incompatible features (docs/interop/qcow2.txt of QEMU). */
const feature = { dirty: 1n, corrupt: 2n, externalDataFile: 4n, compressionType: 8n, extendedL2: 16n } as const
/** A dirty image has wrong reference counts, which its readers do not need. */
const known = Object.values(feature).reduce<bigint>((bits, bit) => bits | bit, 0n)

/** QEMU's own limits (block/qcow2.h). */
const limits = { l1Bytes: 32 * 2 ** 20, refcountTableBytes: 8 * 2 ** 20, refcountOrder: 6, compression: 1 } as const
const clusterBits = { min: 9, max: 21, minOfExtendedL2: 14 } as const
const headerBytesMin = 104
/** What is left over, QEMU leaves out. */
const sectorBytes = 512
const l1EntryBytes = 8
const flatten = 'copy it into one file where you trust it: qemu-img convert -f qcow2 -O qcow2'

interface Rule {
  reason: ImageRefusalReason
  message: string | ((header: Qcow2Header) => string)
  broken(header: Qcow2Header, fileBytes: number): boolean
}

const malformed = (message: string, broken: Rule['broken']): Rule => ({
  reason: 'IMAGE_MALFORMED',
  message: `its qcow2 header cannot be right (${message}): it is damaged or was cut off, so get it again`,
  broken,
})

const has = ({ incompatible }: Qcow2Header, bit: bigint): boolean => (incompatible & bit) !== 0n
const clusterBytes = ({ clusterBits }: Qcow2Header): number => 2 ** clusterBits

/** One L1 entry leads to one cluster of L2 entries, each of which leads to one cluster of the disk. */
function l1EntriesNeeded(header: Qcow2Header): number {
  const l2EntryBytes = has(header, feature.extendedL2) ? 16 : 8
  return Math.ceil(header.virtualSizeBytes / clusterBytes(header) / (clusterBytes(header) / l2EntryBytes))
}

const isInFile = (header: Qcow2Header, start: number, bytes: number, fileBytes: number): boolean =>
  start > 0 && start % clusterBytes(header) === 0 && start + bytes <= fileBytes

/** The first that is broken is told; later ones rely on what earlier ones hold. */
const rules: readonly Rule[] = [
  {
    reason: 'IMAGE_FORMAT_NOT_SUPPORTED',
    message: ({ version }) =>
      version === 1
        ? 'it is qcow of version 1: convert it with qemu-img convert -f qcow -O qcow2'
        : `it is qcow of version ${version}, of which nothing is known: give one of version 2 or 3`,
    broken: ({ version }) => version !== 2 && version !== 3,
  },
  {
    reason: 'IMAGE_HAS_UNKNOWN_FEATURES',
    message: 'it uses qcow2 features that are not known here: convert it with qemu-img convert -O qcow2',
    broken: (header) => has(header, ~known),
  },
  {
    reason: 'IMAGE_HAS_BACKING_FILE',
    message: `it has a backing file, whose content it would show; ${flatten}`,
    // libvirt takes the length alone for a backing file.
    broken: ({ backingOffset, backingBytes }) => backingOffset !== 0 || backingBytes !== 0,
  },
  {
    reason: 'IMAGE_HAS_DATA_FILE',
    message: `it keeps its data in another file, whose content it would show; ${flatten}`,
    broken: (header) =>
      has(header, feature.externalDataFile) ||
      (header.extensions ?? []).some(({ type }) => type === qcow2Extensions.externalDataFile),
  },
  {
    reason: 'IMAGE_IS_ENCRYPTED',
    message: 'it is encrypted, and no VM has its key: decrypt it with qemu-img convert',
    broken: ({ encryption }) => encryption !== 0,
  },
  {
    reason: 'IMAGE_IS_CORRUPT',
    message: 'it is marked as corrupt: repair it with qemu-img check -r all, or get it again',
    broken: (header) => has(header, feature.corrupt),
  },
  {
    reason: 'IMAGE_HAS_SNAPSHOTS',
    message: 'it has snapshots inside, which no VM could use: leave them out with qemu-img convert -f qcow2 -O qcow2',
    broken: ({ snapshotCount }) => snapshotCount !== 0,
  },
  malformed(
    'the size of its clusters',
    (header) =>
      header.clusterBits < (has(header, feature.extendedL2) ? clusterBits.minOfExtendedL2 : clusterBits.min) ||
      header.clusterBits > clusterBits.max,
  ),
  malformed(
    'its own length',
    (header) =>
      (header.version >= 3 && header.headerBytes < headerBytesMin) || header.headerBytes > clusterBytes(header),
  ),
  malformed('its extensions have no end', ({ extensions }) => extensions === null),
  malformed(
    'the type of its compression',
    (header) =>
      header.compression > limits.compression || has(header, feature.compressionType) !== (header.compression !== 0),
  ),
  malformed('the width of its reference counts', ({ refcountOrder }) => refcountOrder > limits.refcountOrder),
  { ...sizeRefusal, broken: ({ virtualSizeBytes }) => !isUsableSize(virtualSizeBytes) },
  malformed('its disk has no whole number of sectors', ({ virtualSizeBytes }) => virtualSizeBytes % sectorBytes !== 0),
  malformed('its table of reference counts', (header, fileBytes) => {
    const bytes = header.refcountTableClusters * clusterBytes(header)
    const { refcountTableOffset: start } = header
    return bytes === 0 || bytes > limits.refcountTableBytes || !isInFile(header, start, bytes, fileBytes)
  }),
  malformed('its L1 table', (header, fileBytes) => {
    const bytes = header.l1Entries * l1EntryBytes
    const isTooSmall = header.l1Entries < l1EntriesNeeded(header)
    return isTooSmall || bytes > limits.l1Bytes || !isInFile(header, header.l1Offset, bytes, fileBytes)
  }),
]

/** What speaks against a qcow2 image in a file of so many bytes; null where nothing does. */
export function refuseQcow2(header: Qcow2Header, fileBytes: number, mayHaveBacking: boolean): ImageRefusal | null {
  const rule = rules.find(
    ({ reason, broken }) => !(mayHaveBacking && reason === 'IMAGE_HAS_BACKING_FILE') && broken(header, fileBytes),
  )
  if (!rule) return null
  const { reason, message } = rule
  return { reason, message: typeof message === 'string' ? message : message(header) }
}
