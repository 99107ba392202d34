// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A mounted file system of a guest.
 */
export interface GuestDiskUsage {
  /**
   * Where it is mounted.
   */
  'mountPoint'?: (string);
  /**
   * What is mounted.
   */
  'device'?: (string);
  /**
   * Its type, like "ext4".
   */
  'filesystem'?: (string);
  /**
   * Its size, in bytes.
   */
  'totalBytes'?: (number | string | Long);
  /**
   * What is in use, in bytes.
   */
  'usedBytes'?: (number | string | Long);
  /**
   * What is free, in bytes.
   */
  'availableBytes'?: (number | string | Long);
  /**
   * What is in use, in percent.
   */
  'usagePercent'?: (number | string);
}

/**
 * A mounted file system of a guest.
 */
export interface GuestDiskUsage__Output {
  /**
   * Where it is mounted.
   */
  'mountPoint': (string);
  /**
   * What is mounted.
   */
  'device': (string);
  /**
   * Its type, like "ext4".
   */
  'filesystem': (string);
  /**
   * Its size, in bytes.
   */
  'totalBytes': (number);
  /**
   * What is in use, in bytes.
   */
  'usedBytes': (number);
  /**
   * What is free, in bytes.
   */
  'availableBytes': (number);
  /**
   * What is in use, in percent.
   */
  'usagePercent': (number);
}
