// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A volume to be made larger.
 */
export interface ResizeVolumeRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * The volume in it.
   */
  'volumeId'?: (string);
  /**
   * Its size then, in bytes.
   */
  'newSizeBytes'?: (number | string | Long);
}

/**
 * A volume to be made larger.
 */
export interface ResizeVolumeRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * The volume in it.
   */
  'volumeId': (string);
  /**
   * Its size then, in bytes.
   */
  'newSizeBytes': (number);
}
