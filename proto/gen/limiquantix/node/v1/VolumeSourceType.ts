// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * What a volume is made of.
 */
export const VolumeSourceType = {
  /**
   * Nothing: it is empty.
   */
  VOLUME_SOURCE_TYPE_EMPTY: 'VOLUME_SOURCE_TYPE_EMPTY',
  /**
   * Another volume.
   */
  VOLUME_SOURCE_TYPE_CLONE: 'VOLUME_SOURCE_TYPE_CLONE',
  /**
   * An image of the node.
   */
  VOLUME_SOURCE_TYPE_IMAGE: 'VOLUME_SOURCE_TYPE_IMAGE',
  /**
   * A snapshot of a volume.
   */
  VOLUME_SOURCE_TYPE_SNAPSHOT: 'VOLUME_SOURCE_TYPE_SNAPSHOT',
} as const;

/**
 * What a volume is made of.
 */
export type VolumeSourceType =
  /**
   * Nothing: it is empty.
   */
  | 'VOLUME_SOURCE_TYPE_EMPTY'
  | 0
  /**
   * Another volume.
   */
  | 'VOLUME_SOURCE_TYPE_CLONE'
  | 1
  /**
   * An image of the node.
   */
  | 'VOLUME_SOURCE_TYPE_IMAGE'
  | 2
  /**
   * A snapshot of a volume.
   */
  | 'VOLUME_SOURCE_TYPE_SNAPSHOT'
  | 3

/**
 * What a volume is made of.
 */
export type VolumeSourceType__Output = typeof VolumeSourceType[keyof typeof VolumeSourceType]
