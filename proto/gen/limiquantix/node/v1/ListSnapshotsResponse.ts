// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { SnapshotResponse as _limiquantix_node_v1_SnapshotResponse, SnapshotResponse__Output as _limiquantix_node_v1_SnapshotResponse__Output } from '../../../limiquantix/node/v1/SnapshotResponse.ts';

/**
 * The snapshots of a VM.
 */
export interface ListSnapshotsResponse {
  /**
   * The snapshots, oldest first.
   */
  'snapshots'?: (_limiquantix_node_v1_SnapshotResponse)[];
}

/**
 * The snapshots of a VM.
 */
export interface ListSnapshotsResponse__Output {
  /**
   * The snapshots, oldest first.
   */
  'snapshots': (_limiquantix_node_v1_SnapshotResponse__Output)[];
}
