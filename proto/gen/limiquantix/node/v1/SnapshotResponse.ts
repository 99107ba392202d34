// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { PowerState as _limiquantix_node_v1_PowerState, PowerState__Output as _limiquantix_node_v1_PowerState__Output } from '../../../limiquantix/node/v1/PowerState.ts';

/**
 * A snapshot.
 */
export interface SnapshotResponse {
  /**
   * The snapshot: a UUID.
   */
  'snapshotId'?: (string);
  /**
   * Its name.
   */
  'name'?: (string);
  /**
   * For people.
   */
  'description'?: (string);
  /**
   * When it was taken.
   */
  'createdAt'?: (_google_protobuf_Timestamp | null);
  /**
   * What the VM is after a revert to it: running with its memory, or stopped.
   */
  'vmState'?: (_limiquantix_node_v1_PowerState);
  /**
   * The snapshot that the VM's disks came from when this one was taken; empty where there was none.
   */
  'parentId'?: (string);
  /**
   * What a guest would find on its disks, by what was seen: "memory" (all of it), "quiesced" (frozen by its agent before
   * they were taken and after), "crash" (as after a power cut) or "offline" (shut down).
   */
  'consistency'?: (string);
  /**
   * For people: why it is less than what was to be expected; empty where it is not.
   */
  'notice'?: (string);
}

/**
 * A snapshot.
 */
export interface SnapshotResponse__Output {
  /**
   * The snapshot: a UUID.
   */
  'snapshotId': (string);
  /**
   * Its name.
   */
  'name': (string);
  /**
   * For people.
   */
  'description': (string);
  /**
   * When it was taken.
   */
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * What the VM is after a revert to it: running with its memory, or stopped.
   */
  'vmState': (_limiquantix_node_v1_PowerState__Output);
  /**
   * The snapshot that the VM's disks came from when this one was taken; empty where there was none.
   */
  'parentId': (string);
  /**
   * What a guest would find on its disks, by what was seen: "memory" (all of it), "quiesced" (frozen by its agent before
   * they were taken and after), "crash" (as after a power cut) or "offline" (shut down).
   */
  'consistency': (string);
  /**
   * For people: why it is less than what was to be expected; empty where it is not.
   */
  'notice': (string);
}
