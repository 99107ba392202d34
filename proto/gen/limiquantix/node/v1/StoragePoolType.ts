// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * What a storage pool is made of.
 */
export const StoragePoolType = {
  /**
   * Nobody said.
   */
  STORAGE_POOL_TYPE_UNSPECIFIED: 'STORAGE_POOL_TYPE_UNSPECIFIED',
  /**
   * A directory of the node.
   */
  STORAGE_POOL_TYPE_LOCAL_DIR: 'STORAGE_POOL_TYPE_LOCAL_DIR',
  /**
   * An LVM volume group of the node.
   */
  STORAGE_POOL_TYPE_LOCAL_LVM: 'STORAGE_POOL_TYPE_LOCAL_LVM',
  /**
   * An NFS export.
   */
  STORAGE_POOL_TYPE_NFS: 'STORAGE_POOL_TYPE_NFS',
  /**
   * A pool of a Ceph cluster.
   */
  STORAGE_POOL_TYPE_CEPH_RBD: 'STORAGE_POOL_TYPE_CEPH_RBD',
  /**
   * A file system of a Ceph cluster.
   */
  STORAGE_POOL_TYPE_CEPH_FS: 'STORAGE_POOL_TYPE_CEPH_FS',
  /**
   * An iSCSI target.
   */
  STORAGE_POOL_TYPE_ISCSI: 'STORAGE_POOL_TYPE_ISCSI',
} as const;

/**
 * What a storage pool is made of.
 */
export type StoragePoolType =
  /**
   * Nobody said.
   */
  | 'STORAGE_POOL_TYPE_UNSPECIFIED'
  | 0
  /**
   * A directory of the node.
   */
  | 'STORAGE_POOL_TYPE_LOCAL_DIR'
  | 1
  /**
   * An LVM volume group of the node.
   */
  | 'STORAGE_POOL_TYPE_LOCAL_LVM'
  | 2
  /**
   * An NFS export.
   */
  | 'STORAGE_POOL_TYPE_NFS'
  | 3
  /**
   * A pool of a Ceph cluster.
   */
  | 'STORAGE_POOL_TYPE_CEPH_RBD'
  | 4
  /**
   * A file system of a Ceph cluster.
   */
  | 'STORAGE_POOL_TYPE_CEPH_FS'
  | 5
  /**
   * An iSCSI target.
   */
  | 'STORAGE_POOL_TYPE_ISCSI'
  | 6

/**
 * What a storage pool is made of.
 */
export type StoragePoolType__Output = typeof StoragePoolType[keyof typeof StoragePoolType]
