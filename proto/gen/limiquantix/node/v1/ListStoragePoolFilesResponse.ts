// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { StoragePoolFileEntry as _limiquantix_node_v1_StoragePoolFileEntry, StoragePoolFileEntry__Output as _limiquantix_node_v1_StoragePoolFileEntry__Output } from '../../../limiquantix/node/v1/StoragePoolFileEntry.ts';

/**
 * What is in a directory of a storage pool.
 */
export interface ListStoragePoolFilesResponse {
  /**
   * Its entries, by name.
   */
  'entries'?: (_limiquantix_node_v1_StoragePoolFileEntry)[];
  /**
   * The directory, by its path in the pool.
   */
  'currentPath'?: (string);
}

/**
 * What is in a directory of a storage pool.
 */
export interface ListStoragePoolFilesResponse__Output {
  /**
   * Its entries, by name.
   */
  'entries': (_limiquantix_node_v1_StoragePoolFileEntry__Output)[];
  /**
   * The directory, by its path in the pool.
   */
  'currentPath': (string);
}
