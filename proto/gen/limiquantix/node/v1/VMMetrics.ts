// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Figures of a VM at one moment.
 */
export interface VMMetrics {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * Its name.
   */
  'name'?: (string);
  /**
   * CPU time that it uses, in percent of one logical processor.
   */
  'cpuUsagePercent'?: (number | string);
  /**
   * Memory that the guest uses, in bytes.
   */
  'memoryUsedBytes'?: (number | string | Long);
  /**
   * Read from its disks since it was started, in bytes.
   */
  'diskReadBytes'?: (number | string | Long);
  /**
   * Written to its disks since it was started, in bytes.
   */
  'diskWriteBytes'?: (number | string | Long);
  /**
   * Received by its network cards since it was started, in bytes.
   */
  'networkRxBytes'?: (number | string | Long);
  /**
   * Sent by its network cards since it was started, in bytes.
   */
  'networkTxBytes'?: (number | string | Long);
}

/**
 * Figures of a VM at one moment.
 */
export interface VMMetrics__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * Its name.
   */
  'name': (string);
  /**
   * CPU time that it uses, in percent of one logical processor.
   */
  'cpuUsagePercent': (number);
  /**
   * Memory that the guest uses, in bytes.
   */
  'memoryUsedBytes': (number);
  /**
   * Read from its disks since it was started, in bytes.
   */
  'diskReadBytes': (number);
  /**
   * Written to its disks since it was started, in bytes.
   */
  'diskWriteBytes': (number);
  /**
   * Received by its network cards since it was started, in bytes.
   */
  'networkRxBytes': (number);
  /**
   * Sent by its network cards since it was started, in bytes.
   */
  'networkTxBytes': (number);
}
