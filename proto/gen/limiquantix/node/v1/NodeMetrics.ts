// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { VMMetrics as _limiquantix_node_v1_VMMetrics, VMMetrics__Output as _limiquantix_node_v1_VMMetrics__Output } from '../../../limiquantix/node/v1/VMMetrics.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Figures of a node at one moment.
 */
export interface NodeMetrics {
  /**
   * The moment.
   */
  'timestamp'?: (_google_protobuf_Timestamp | null);
  /**
   * CPU time in use, in percent of all logical processors.
   */
  'cpuUsagePercent'?: (number | string);
  /**
   * Memory in use, in bytes.
   */
  'memoryUsedBytes'?: (number | string | Long);
  /**
   * Memory of the node, in bytes.
   */
  'memoryTotalBytes'?: (number | string | Long);
  /**
   * Its running VMs.
   */
  'vms'?: (_limiquantix_node_v1_VMMetrics)[];
}

/**
 * Figures of a node at one moment.
 */
export interface NodeMetrics__Output {
  /**
   * The moment.
   */
  'timestamp': (_google_protobuf_Timestamp__Output | null);
  /**
   * CPU time in use, in percent of all logical processors.
   */
  'cpuUsagePercent': (number);
  /**
   * Memory in use, in bytes.
   */
  'memoryUsedBytes': (number);
  /**
   * Memory of the node, in bytes.
   */
  'memoryTotalBytes': (number);
  /**
   * Its running VMs.
   */
  'vms': (_limiquantix_node_v1_VMMetrics__Output)[];
}
