// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { StoragePoolInfoResponse as _limiquantix_node_v1_StoragePoolInfoResponse, StoragePoolInfoResponse__Output as _limiquantix_node_v1_StoragePoolInfoResponse__Output } from '../../../limiquantix/node/v1/StoragePoolInfoResponse.ts';

/**
 * Every storage pool of a node.
 */
export interface ListStoragePoolsResponse {
  /**
   * The pools, by id.
   */
  'pools'?: (_limiquantix_node_v1_StoragePoolInfoResponse)[];
}

/**
 * Every storage pool of a node.
 */
export interface ListStoragePoolsResponse__Output {
  /**
   * The pools, by id.
   */
  'pools': (_limiquantix_node_v1_StoragePoolInfoResponse__Output)[];
}
