// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { PowerState as _limiquantix_node_v1_PowerState, PowerState__Output as _limiquantix_node_v1_PowerState__Output } from '../../../limiquantix/node/v1/PowerState.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { GuestAgentInfo as _limiquantix_node_v1_GuestAgentInfo, GuestAgentInfo__Output as _limiquantix_node_v1_GuestAgentInfo__Output } from '../../../limiquantix/node/v1/GuestAgentInfo.ts';
import type { DiskSpec as _limiquantix_node_v1_DiskSpec, DiskSpec__Output as _limiquantix_node_v1_DiskSpec__Output } from '../../../limiquantix/node/v1/DiskSpec.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A VM as the hypervisor has it.
 */
export interface VMStatusResponse {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * Its name.
   */
  'name'?: (string);
  /**
   * Its state.
   */
  'state'?: (_limiquantix_node_v1_PowerState);
  /**
   * CPU time that it uses, in percent of one logical processor; 0 where it is not known.
   */
  'cpuUsagePercent'?: (number | string);
  /**
   * Memory that the guest uses, in bytes; 0 where it is not known.
   */
  'memoryUsedBytes'?: (number | string | Long);
  /**
   * Memory that the guest has, in bytes.
   */
  'memoryTotalBytes'?: (number | string | Long);
  /**
   * Since when it runs; not there while it is stopped.
   */
  'startedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * The guest as its agent describes it; not there while the VM is stopped.
   */
  'guestAgent'?: (_limiquantix_node_v1_GuestAgentInfo | null);
  /**
   * Its disks.
   */
  'disks'?: (_limiquantix_node_v1_DiskSpec)[];
}

/**
 * A VM as the hypervisor has it.
 */
export interface VMStatusResponse__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * Its name.
   */
  'name': (string);
  /**
   * Its state.
   */
  'state': (_limiquantix_node_v1_PowerState__Output);
  /**
   * CPU time that it uses, in percent of one logical processor; 0 where it is not known.
   */
  'cpuUsagePercent': (number);
  /**
   * Memory that the guest uses, in bytes; 0 where it is not known.
   */
  'memoryUsedBytes': (number);
  /**
   * Memory that the guest has, in bytes.
   */
  'memoryTotalBytes': (number);
  /**
   * Since when it runs; not there while it is stopped.
   */
  'startedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * The guest as its agent describes it; not there while the VM is stopped.
   */
  'guestAgent': (_limiquantix_node_v1_GuestAgentInfo__Output | null);
  /**
   * Its disks.
   */
  'disks': (_limiquantix_node_v1_DiskSpec__Output)[];
}
