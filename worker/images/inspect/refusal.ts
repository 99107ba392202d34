/** Why an image is not used; stable words for programs. */
export type ImageRefusalReason =
  | 'IMAGE_NOT_A_FILE'
  | 'IMAGE_NOT_READABLE'
  | 'IMAGE_EMPTY'
  | 'IMAGE_FORMAT_AMBIGUOUS'
  | 'IMAGE_FORMAT_NOT_SUPPORTED'
  | 'IMAGE_FORMAT_MISMATCH'
  | 'IMAGE_SIZE_NOT_SUPPORTED'
  | 'IMAGE_MALFORMED'
  | 'IMAGE_IS_CORRUPT'
  | 'IMAGE_IS_ENCRYPTED'
  | 'IMAGE_HAS_BACKING_FILE'
  | 'IMAGE_HAS_DATA_FILE'
  | 'IMAGE_HAS_SNAPSHOTS'
  | 'IMAGE_HAS_UNKNOWN_FEATURES'

export interface ImageRefusal {
  reason: ImageRefusalReason
  /** A clause to end a sentence with, on the image as "it": what is wrong, and what to do. */
  message: string
}
