// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { StoragePoolType as _limiquantix_node_v1_StoragePoolType, StoragePoolType__Output as _limiquantix_node_v1_StoragePoolType__Output } from '../../../limiquantix/node/v1/StoragePoolType.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * The state of a storage pool.
 */
export interface StoragePoolInfoResponse {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * What it is made of.
   */
  'type'?: (_limiquantix_node_v1_StoragePoolType);
  /**
   * Where a directory or an NFS export is found on the node.
   */
  'mountPath'?: (string);
  /**
   * Where an iSCSI target or volume group is found on the node.
   */
  'devicePath'?: (string);
  /**
   * Pool of a Ceph cluster.
   */
  'rbdPool'?: (string);
  /**
   * Size, in bytes.
   */
  'totalBytes'?: (number | string | Long);
  /**
   * What is free, in bytes.
   */
  'availableBytes'?: (number | string | Long);
  /**
   * What is in use, in bytes.
   */
  'usedBytes'?: (number | string | Long);
  /**
   * How many volumes are in it.
   */
  'volumeCount'?: (number);
  /**
   * Whether it can be used now; sizes and volumes of one that cannot are 0.
   */
  'active'?: (boolean);
  /**
   * Why it cannot be used, for people; empty where it can.
   */
  'problem'?: (string);
}

/**
 * The state of a storage pool.
 */
export interface StoragePoolInfoResponse__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * What it is made of.
   */
  'type': (_limiquantix_node_v1_StoragePoolType__Output);
  /**
   * Where a directory or an NFS export is found on the node.
   */
  'mountPath': (string);
  /**
   * Where an iSCSI target or volume group is found on the node.
   */
  'devicePath': (string);
  /**
   * Pool of a Ceph cluster.
   */
  'rbdPool': (string);
  /**
   * Size, in bytes.
   */
  'totalBytes': (number);
  /**
   * What is free, in bytes.
   */
  'availableBytes': (number);
  /**
   * What is in use, in bytes.
   */
  'usedBytes': (number);
  /**
   * How many volumes are in it.
   */
  'volumeCount': (number);
  /**
   * Whether it can be used now; sizes and volumes of one that cannot are 0.
   */
  'active': (boolean);
  /**
   * Why it cannot be used, for people; empty where it can.
   */
  'problem': (string);
}
