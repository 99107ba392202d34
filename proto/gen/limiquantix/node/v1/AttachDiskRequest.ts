// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { DiskSpec as _limiquantix_node_v1_DiskSpec, DiskSpec__Output as _limiquantix_node_v1_DiskSpec__Output } from '../../../limiquantix/node/v1/DiskSpec.ts';

/**
 * A disk to be attached.
 */
export interface AttachDiskRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The disk.
   */
  'disk'?: (_limiquantix_node_v1_DiskSpec | null);
}

/**
 * A disk to be attached.
 */
export interface AttachDiskRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The disk.
   */
  'disk': (_limiquantix_node_v1_DiskSpec__Output | null);
}
