// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { LocalDirPoolConfig as _limiquantix_node_v1_LocalDirPoolConfig, LocalDirPoolConfig__Output as _limiquantix_node_v1_LocalDirPoolConfig__Output } from '../../../limiquantix/node/v1/LocalDirPoolConfig.ts';
import type { NfsPoolConfig as _limiquantix_node_v1_NfsPoolConfig, NfsPoolConfig__Output as _limiquantix_node_v1_NfsPoolConfig__Output } from '../../../limiquantix/node/v1/NfsPoolConfig.ts';
import type { CephPoolConfig as _limiquantix_node_v1_CephPoolConfig, CephPoolConfig__Output as _limiquantix_node_v1_CephPoolConfig__Output } from '../../../limiquantix/node/v1/CephPoolConfig.ts';
import type { IscsiPoolConfig as _limiquantix_node_v1_IscsiPoolConfig, IscsiPoolConfig__Output as _limiquantix_node_v1_IscsiPoolConfig__Output } from '../../../limiquantix/node/v1/IscsiPoolConfig.ts';

/**
 * Where a storage pool is; one part is there.
 */
export interface StoragePoolConfig {
  /**
   * Of a directory.
   */
  'local'?: (_limiquantix_node_v1_LocalDirPoolConfig | null);
  /**
   * Of an NFS export.
   */
  'nfs'?: (_limiquantix_node_v1_NfsPoolConfig | null);
  /**
   * Of a pool of a Ceph cluster.
   */
  'ceph'?: (_limiquantix_node_v1_CephPoolConfig | null);
  /**
   * Of an iSCSI target.
   */
  'iscsi'?: (_limiquantix_node_v1_IscsiPoolConfig | null);
}

/**
 * Where a storage pool is; one part is there.
 */
export interface StoragePoolConfig__Output {
  /**
   * Of a directory.
   */
  'local': (_limiquantix_node_v1_LocalDirPoolConfig__Output | null);
  /**
   * Of an NFS export.
   */
  'nfs': (_limiquantix_node_v1_NfsPoolConfig__Output | null);
  /**
   * Of a pool of a Ceph cluster.
   */
  'ceph': (_limiquantix_node_v1_CephPoolConfig__Output | null);
  /**
   * Of an iSCSI target.
   */
  'iscsi': (_limiquantix_node_v1_IscsiPoolConfig__Output | null);
}
