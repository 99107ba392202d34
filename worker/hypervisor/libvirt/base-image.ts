import { open } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'

/** A base image that is safe to clone. */
export interface BaseImage {
  path: string
  format: 'qcow2' | 'raw'
  /** The size of the disk in it. */
  capacityBytes: number
}

/** qcow2's header, docs/interop/qcow2.txt of QEMU; big endian. */
const qcow2 = {
  magic: 0x514649fb,
  versionOffset: 4,
  backingFileOffset: 8,
  sizeOffset: 24,
  cryptMethodOffset: 32,
  incompatibleFeaturesOffset: 72,
  dirty: 1n << 0n,
  corrupt: 1n << 1n,
  externalDataFile: 1n << 2n,
  compressionType: 1n << 3n,
  extendedL2: 1n << 4n,
} as const

const harmless = qcow2.dirty | qcow2.compressionType | qcow2.extendedL2

/** How other formats begin: as a raw disk they would be garbage, or be read again as what they are. */
const otherFormats: readonly { name: string; offset: number; bytes: string }[] = [
  { name: 'VMDK', offset: 0, bytes: 'KDMV' },
  { name: 'VMDK', offset: 0, bytes: '# Disk DescriptorFile' },
  { name: 'VHDX', offset: 0, bytes: 'vhdxfile' },
  { name: 'VHD', offset: 0, bytes: 'conectix' },
  { name: 'VDI', offset: 64, bytes: '\x7f\x10\xda\xbe' },
  { name: 'QED', offset: 0, bytes: 'QED\0' },
  { name: 'Parallels', offset: 0, bytes: 'WithoutFreeSpace' },
  { name: 'LUKS', offset: 0, bytes: 'LUKS\xba\xbe' },
  { name: 'gzip', offset: 0, bytes: '\x1f\x8b' },
  { name: 'xz', offset: 0, bytes: '\xfd7zXZ\0' },
  { name: 'zstd', offset: 0, bytes: '\x28\xb5\x2f\xfd' },
]

const headerBytes = 512
const sectorBytes = 512

/**
 * Reads what a base image is from its content, not from its name.
 * Throws `failed_precondition` for one that names other files: QEMU would open whatever its header says.
 */
export async function inspectBaseImage(imagePath: string): Promise<BaseImage> {
  const file = await open(imagePath)
  try {
    const { size } = await file.stat()
    const header = Buffer.alloc(headerBytes)
    await file.read(header, 0, headerBytes, 0)
    if (size === 0) throw unusable(imagePath, 'it is empty')
    const other = otherFormats.find(
      ({ offset, bytes }) => header.toString('latin1', offset, offset + bytes.length) === bytes,
    )
    if (other)
      throw unusable(imagePath, `it is ${other.name}, and only qcow2 and raw can be cloned; convert it with qemu-img`)
    if (header.readUInt32BE(0) !== qcow2.magic) {
      return { path: imagePath, format: 'raw', capacityBytes: Math.ceil(size / sectorBytes) * sectorBytes }
    }
    return { path: imagePath, format: 'qcow2', capacityBytes: qcow2Capacity(imagePath, header) }
  } finally {
    await file.close()
  }
}

function qcow2Capacity(imagePath: string, header: Buffer): number {
  const version = header.readUInt32BE(qcow2.versionOffset)
  const features = version >= 3 ? header.readBigUInt64BE(qcow2.incompatibleFeaturesOffset) : 0n
  const capacity = header.readBigUInt64BE(qcow2.sizeOffset)
  if (version !== 2 && version !== 3)
    throw unusable(imagePath, `it is qcow version ${version}; convert it with qemu-img`)
  if (header.readBigUInt64BE(qcow2.backingFileOffset) !== 0n) {
    throw unusable(imagePath, 'it has a backing file; flatten it with qemu-img convert')
  }
  if (features & qcow2.externalDataFile) {
    throw unusable(imagePath, 'it keeps its data in another file; flatten it with qemu-img convert')
  }
  if (features & qcow2.corrupt) throw unusable(imagePath, 'it is marked as corrupt; repair it with qemu-img check')
  if (features & ~harmless) throw unusable(imagePath, 'it uses qcow2 features that are not known')
  if (header.readUInt32BE(qcow2.cryptMethodOffset) !== 0) throw unusable(imagePath, 'it is encrypted')
  if (capacity === 0n || capacity > BigInt(Number.MAX_SAFE_INTEGER))
    throw unusable(imagePath, 'its size makes no sense')
  return Number(capacity)
}

const unusable = (imagePath: string, why: string): AppError =>
  new AppError('failed_precondition', `The base image "${path.basename(imagePath)}" cannot be used: ${why}.`, {
    reason: 'BASE_IMAGE_UNUSABLE',
  })
