// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A file to be written in a guest.
 */
export interface WriteGuestFileRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The file, by its absolute path in the guest.
   */
  'path'?: (string);
  /**
   * What will be in it, at most 1 MiB.
   */
  'data'?: (Buffer | Uint8Array | string);
  /**
   * Its permission bits, like 0644; 0 keeps those of the file that was there, and leaves others to the guest.
   */
  'mode'?: (number);
  /**
   * Whether directories that are missing are made.
   */
  'createParents'?: (boolean);
}

/**
 * A file to be written in a guest.
 */
export interface WriteGuestFileRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The file, by its absolute path in the guest.
   */
  'path': (string);
  /**
   * What will be in it, at most 1 MiB.
   */
  'data': (Buffer);
  /**
   * Its permission bits, like 0644; 0 keeps those of the file that was there, and leaves others to the guest.
   */
  'mode': (number);
  /**
   * Whether directories that are missing are made.
   */
  'createParents': (boolean);
}
