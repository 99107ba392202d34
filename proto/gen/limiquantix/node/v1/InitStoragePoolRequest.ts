// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { StoragePoolType as _limiquantix_node_v1_StoragePoolType, StoragePoolType__Output as _limiquantix_node_v1_StoragePoolType__Output } from '../../../limiquantix/node/v1/StoragePoolType.ts';
import type { StoragePoolConfig as _limiquantix_node_v1_StoragePoolConfig, StoragePoolConfig__Output as _limiquantix_node_v1_StoragePoolConfig__Output } from '../../../limiquantix/node/v1/StoragePoolConfig.ts';

/**
 * A storage pool to be made usable.
 */
export interface InitStoragePoolRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * What it is made of.
   */
  'type'?: (_limiquantix_node_v1_StoragePoolType);
  /**
   * Where it is: the part that fits the type.
   */
  'config'?: (_limiquantix_node_v1_StoragePoolConfig | null);
}

/**
 * A storage pool to be made usable.
 */
export interface InitStoragePoolRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * What it is made of.
   */
  'type': (_limiquantix_node_v1_StoragePoolType__Output);
  /**
   * Where it is: the part that fits the type.
   */
  'config': (_limiquantix_node_v1_StoragePoolConfig__Output | null);
}
