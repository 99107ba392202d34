// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { VolumeInfoResponse as _limiquantix_node_v1_VolumeInfoResponse, VolumeInfoResponse__Output as _limiquantix_node_v1_VolumeInfoResponse__Output } from '../../../limiquantix/node/v1/VolumeInfoResponse.ts';

/**
 * The volumes of a storage pool.
 */
export interface ListVolumesResponse {
  /**
   * The volumes, by id.
   */
  'volumes'?: (_limiquantix_node_v1_VolumeInfoResponse)[];
}

/**
 * The volumes of a storage pool.
 */
export interface ListVolumesResponse__Output {
  /**
   * The volumes, by id.
   */
  'volumes': (_limiquantix_node_v1_VolumeInfoResponse__Output)[];
}
