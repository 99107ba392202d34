// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A volume.
 */
export interface VolumeInfoResponse {
  /**
   * The volume.
   */
  'volumeId'?: (string);
  /**
   * The pool that it lies in.
   */
  'poolId'?: (string);
  /**
   * Its size as a VM sees it, in bytes.
   */
  'sizeBytes'?: (number | string | Long);
  /**
   * "qcow2" or "raw".
   */
  'format'?: (string);
  /**
   * Where it is found on the node.
   */
  'path'?: (string);
  /**
   * The VM that it is attached to; empty where there is none.
   */
  'attachedTo'?: (string);
}

/**
 * A volume.
 */
export interface VolumeInfoResponse__Output {
  /**
   * The volume.
   */
  'volumeId': (string);
  /**
   * The pool that it lies in.
   */
  'poolId': (string);
  /**
   * Its size as a VM sees it, in bytes.
   */
  'sizeBytes': (number);
  /**
   * "qcow2" or "raw".
   */
  'format': (string);
  /**
   * Where it is found on the node.
   */
  'path': (string);
  /**
   * The VM that it is attached to; empty where there is none.
   */
  'attachedTo': (string);
}
