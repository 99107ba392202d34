// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { VolumeSourceType as _limiquantix_node_v1_VolumeSourceType, VolumeSourceType__Output as _limiquantix_node_v1_VolumeSourceType__Output } from '../../../limiquantix/node/v1/VolumeSourceType.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A volume to be made.
 */
export interface CreateVolumeRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * The volume in it.
   */
  'volumeId'?: (string);
  /**
   * Its size, in bytes; 0 takes the source's.
   */
  'sizeBytes'?: (number | string | Long);
  /**
   * What it is made of.
   */
  'sourceType'?: (_limiquantix_node_v1_VolumeSourceType);
  /**
   * The volume, image or snapshot that it is made of.
   */
  'sourceId'?: (string);
}

/**
 * A volume to be made.
 */
export interface CreateVolumeRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * The volume in it.
   */
  'volumeId': (string);
  /**
   * Its size, in bytes; 0 takes the source's.
   */
  'sizeBytes': (number);
  /**
   * What it is made of.
   */
  'sourceType': (_limiquantix_node_v1_VolumeSourceType__Output);
  /**
   * The volume, image or snapshot that it is made of.
   */
  'sourceId': (string);
}
