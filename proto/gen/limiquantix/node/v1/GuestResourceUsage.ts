// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { GuestDiskUsage as _limiquantix_node_v1_GuestDiskUsage, GuestDiskUsage__Output as _limiquantix_node_v1_GuestDiskUsage__Output } from '../../../limiquantix/node/v1/GuestDiskUsage.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What a guest uses, as it counts itself.
 */
export interface GuestResourceUsage {
  /**
   * CPU time, in percent of all its vCPUs.
   */
  'cpuUsagePercent'?: (number | string);
  /**
   * Memory, in bytes.
   */
  'memoryTotalBytes'?: (number | string | Long);
  /**
   * Memory in use, in bytes.
   */
  'memoryUsedBytes'?: (number | string | Long);
  /**
   * Memory that programs could get, in bytes.
   */
  'memoryAvailableBytes'?: (number | string | Long);
  /**
   * Swap, in bytes.
   */
  'swapTotalBytes'?: (number | string | Long);
  /**
   * Swap in use, in bytes.
   */
  'swapUsedBytes'?: (number | string | Long);
  /**
   * Load average of the last minute.
   */
  'loadAvg_1'?: (number | string);
  /**
   * Load average of the last 5 minutes.
   */
  'loadAvg_5'?: (number | string);
  /**
   * Load average of the last 15 minutes.
   */
  'loadAvg_15'?: (number | string);
  /**
   * Mounted file systems.
   */
  'disks'?: (_limiquantix_node_v1_GuestDiskUsage)[];
  /**
   * How many processes there are.
   */
  'processCount'?: (number);
  /**
   * How long the guest has been up, in seconds.
   */
  'uptimeSeconds'?: (number | string | Long);
}

/**
 * What a guest uses, as it counts itself.
 */
export interface GuestResourceUsage__Output {
  /**
   * CPU time, in percent of all its vCPUs.
   */
  'cpuUsagePercent': (number);
  /**
   * Memory, in bytes.
   */
  'memoryTotalBytes': (number);
  /**
   * Memory in use, in bytes.
   */
  'memoryUsedBytes': (number);
  /**
   * Memory that programs could get, in bytes.
   */
  'memoryAvailableBytes': (number);
  /**
   * Swap, in bytes.
   */
  'swapTotalBytes': (number);
  /**
   * Swap in use, in bytes.
   */
  'swapUsedBytes': (number);
  /**
   * Load average of the last minute.
   */
  'loadAvg_1': (number);
  /**
   * Load average of the last 5 minutes.
   */
  'loadAvg_5': (number);
  /**
   * Load average of the last 15 minutes.
   */
  'loadAvg_15': (number);
  /**
   * Mounted file systems.
   */
  'disks': (_limiquantix_node_v1_GuestDiskUsage__Output)[];
  /**
   * How many processes there are.
   */
  'processCount': (number);
  /**
   * How long the guest has been up, in seconds.
   */
  'uptimeSeconds': (number);
}
