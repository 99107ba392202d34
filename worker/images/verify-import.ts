import { open } from 'node:fs/promises'
import { AppError } from '#db/errors.ts'
import type { OperationInput } from '#db/operations/catalog.ts'
import { workerStops } from '#worker/worker-stops.ts'
import { fileChecksums } from './image-checksum.ts'
import { fingerprintOf } from './image-files.ts'
import { imageOpenFlags, inspectFile } from './require-image.ts'

/** What a file that is to be an image was found to be. */
export interface VerifiedImage {
  sizeBytes: number
  virtualSizeBytes: number
  sha256: string
  fingerprint: string
  /** ISO 8601. */
  modifiedAt: string
}

type Declared = Pick<OperationInput<'image.import'>, 'name' | 'format' | 'source'>

/**
 * Holds a file against what it was declared to be: checksum, format, and what the inspector refuses. Throws
 * `failed_precondition` with why it is not taken, and `unavailable` where the signal came.
 */
export async function verifyImport(file: string, declared: Declared, signal: AbortSignal): Promise<VerifiedImage> {
  const { name, format } = declared
  const found = await inspectFile(file, [format])
  if ('reason' in found) {
    throw new AppError('failed_precondition', `The image "${name}" is not taken: ${found.message}.`, {
      reason: found.reason,
    })
  }
  const handle = await open(file, imageOpenFlags)
  try {
    const checksum = checksumOf(declared)
    const checksums = await fileChecksums(
      handle,
      ['sha256', ...(checksum?.algorithm === 'sha512' ? ['sha512' as const] : [])],
      signal,
    )
    if (!checksums) throw workerStops()
    if (checksum) requireChecksum(name, checksum, checksums[checksum.algorithm])
    const stats = await handle.stat({ bigint: true })
    return {
      sizeBytes: Number(stats.size),
      virtualSizeBytes: found.virtualSizeBytes,
      sha256: checksums.sha256,
      fingerprint: fingerprintOf(stats),
      modifiedAt: new Date(Number(stats.mtimeMs)).toISOString(),
    }
  } finally {
    await handle.close()
  }
}

interface Checksum {
  algorithm: 'sha256' | 'sha512'
  digest: string
}

function checksumOf({ source }: Declared): Checksum | null {
  const [algorithm, digest] = ('url' in source ? source.checksum : source.upload.checksum)?.split(':') ?? []
  return digest === undefined ? null : { algorithm: algorithm === 'sha512' ? 'sha512' : 'sha256', digest }
}

function requireChecksum(name: string, { algorithm, digest }: Checksum, actual: string): void {
  if (actual === digest) return
  throw new AppError(
    'failed_precondition',
    `The image "${name}" is not what it was said to be: its ${algorithm} is ${actual}, and not ${digest}. Compare the checksum with its source, then import it again.`,
    { reason: 'IMAGE_CHECKSUM_MISMATCH', details: { algorithm, expected: digest, actual } },
  )
}
