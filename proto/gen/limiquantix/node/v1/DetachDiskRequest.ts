// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A disk to be detached.
 */
export interface DetachDiskRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The disk, by its name in the VM.
   */
  'diskId'?: (string);
}

/**
 * A disk to be detached.
 */
export interface DetachDiskRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The disk, by its name in the VM.
   */
  'diskId': (string);
}
