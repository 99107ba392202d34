// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * An image for a CD drive.
 */
export interface ChangeMediaRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The drive, by its name in the VM.
   */
  'device'?: (string);
  /**
   * File name of an ISO of the node; empty ejects what is in the drive.
   */
  'isoPath'?: (string);
}

/**
 * An image for a CD drive.
 */
export interface ChangeMediaRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The drive, by its name in the VM.
   */
  'device': (string);
  /**
   * File name of an ISO of the node; empty ejects what is in the drive.
   */
  'isoPath': (string);
}
