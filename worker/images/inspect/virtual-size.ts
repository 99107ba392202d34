import type { ImageRefusal } from './refusal.ts'

/** 64 TiB, the largest disk that a spec may ask for (`sizeGib`). */
const virtualSizeMaxBytes = 2 ** 46

export const isUsableSize = (bytes: number): boolean => bytes > 0 && bytes <= virtualSizeMaxBytes

export const sizeRefusal: ImageRefusal = {
  reason: 'IMAGE_SIZE_NOT_SUPPORTED',
  message: 'the disk in it is empty or larger than 64 TiB, which no VM can have',
}
