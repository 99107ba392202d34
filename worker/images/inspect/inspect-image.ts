import { parseQcow2Header } from './qcow2-header.ts'
import { refuseQcow2 } from './qcow2-rules.ts'
import type { ImageRefusal, ImageRefusalReason } from './refusal.ts'
import type { ImageSample } from './sample.ts'
import { findFormats } from './signatures.ts'
import { isUsableSize, sizeRefusal } from './virtual-size.ts'

export type ImageFormat = 'qcow2' | 'raw' | 'iso'

/** An image that may be given to other programs, with its format named. */
export interface InspectedImage<F extends ImageFormat = ImageFormat> {
  format: F
  /** Of the disk in it. */
  virtualSizeBytes: number
}

const titles: Record<ImageFormat, string> = { qcow2: 'qcow2', raw: 'a raw disk', iso: 'an ISO image' }
const sectorBytes = 512

/**
 * Judges a file by its content, and refuses what could lead another program to other files or into trouble. `expected` is
 * what it was declared to be, or what can be used. Never throws.
 */
export function inspectImage<F extends ImageFormat>(
  sample: ImageSample,
  expected: readonly F[],
  mayHaveBacking = false,
): InspectedImage<F> | ImageRefusal {
  if (sample.fileBytes === 0) return refuse('IMAGE_EMPTY', 'it is an empty file: get it again')
  const [found, other] = findFormats(sample)
  if (found && other) {
    const both = `it can be read as ${found.name} and as ${other.name}`
    return refuse('IMAGE_FORMAT_AMBIGUOUS', `${both}, and no good image can: do not use it`)
  }
  if (found && !found.format) {
    return refuse('IMAGE_FORMAT_NOT_SUPPORTED', `it is ${found.name}, which is not supported: ${found.remedy}`)
  }
  const actual = found?.format ?? 'raw'
  const format = expected.find((candidate) => candidate === actual)
  if (format === undefined) {
    const wanted = expected.map((candidate) => titles[candidate]).join(' or ')
    return refuse('IMAGE_FORMAT_MISMATCH', `its content is ${titles[actual]}, where ${wanted} is needed`)
  }
  return actual === 'qcow2' ? inspectQcow2(sample, format, mayHaveBacking) : inspectPlain(sample, format)
}

function inspectQcow2<F extends ImageFormat>({ head, fileBytes }: ImageSample, format: F, mayHaveBacking: boolean) {
  const header = parseQcow2Header(head)
  if (!header) return refuse('IMAGE_MALFORMED', 'it was cut off within its header: get it again')
  return refuseQcow2(header, fileBytes, mayHaveBacking) ?? { format, virtualSizeBytes: header.virtualSizeBytes }
}

/** The file is the disk; QEMU rounds it up to whole sectors. */
function inspectPlain<F extends ImageFormat>({ fileBytes }: ImageSample, format: F) {
  const virtualSizeBytes = Math.ceil(fileBytes / sectorBytes) * sectorBytes
  return isUsableSize(virtualSizeBytes) ? { format, virtualSizeBytes } : sizeRefusal
}

const refuse = (reason: ImageRefusalReason, message: string): ImageRefusal => ({ reason, message })
