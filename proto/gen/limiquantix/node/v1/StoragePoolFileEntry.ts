// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A file or directory of a storage pool.
 */
export interface StoragePoolFileEntry {
  /**
   * Its name.
   */
  'name'?: (string);
  /**
   * Its path in the pool.
   */
  'path'?: (string);
  /**
   * Whether it is a directory.
   */
  'isDirectory'?: (boolean);
  /**
   * Its size, in bytes.
   */
  'sizeBytes'?: (number | string | Long);
  /**
   * When it was last written to, as ISO 8601.
   */
  'modifiedAt'?: (string);
  /**
   * Like "qcow2", "iso", "raw" or "directory".
   */
  'fileType'?: (string);
  /**
   * Like "rw-r--r--".
   */
  'permissions'?: (string);
}

/**
 * A file or directory of a storage pool.
 */
export interface StoragePoolFileEntry__Output {
  /**
   * Its name.
   */
  'name': (string);
  /**
   * Its path in the pool.
   */
  'path': (string);
  /**
   * Whether it is a directory.
   */
  'isDirectory': (boolean);
  /**
   * Its size, in bytes.
   */
  'sizeBytes': (number);
  /**
   * When it was last written to, as ISO 8601.
   */
  'modifiedAt': (string);
  /**
   * Like "qcow2", "iso", "raw" or "directory".
   */
  'fileType': (string);
  /**
   * Like "rw-r--r--".
   */
  'permissions': (string);
}
