// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A snapshot to be taken.
 */
export interface CreateSnapshotRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * Unique among the VM's snapshots; at most 128 characters.
   */
  'name'?: (string);
  /**
   * For people.
   */
  'description'?: (string);
  /**
   * Flush and freeze the guest's file systems meanwhile; fails where the guest's agent cannot.
   */
  'quiesce'?: (boolean);
  /**
   * Only the disks of a running VM, and not its memory.
   */
  'diskOnly'?: (boolean);
}

/**
 * A snapshot to be taken.
 */
export interface CreateSnapshotRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * Unique among the VM's snapshots; at most 128 characters.
   */
  'name': (string);
  /**
   * For people.
   */
  'description': (string);
  /**
   * Flush and freeze the guest's file systems meanwhile; fails where the guest's agent cannot.
   */
  'quiesce': (boolean);
  /**
   * Only the disks of a running VM, and not its memory.
   */
  'diskOnly': (boolean);
}
