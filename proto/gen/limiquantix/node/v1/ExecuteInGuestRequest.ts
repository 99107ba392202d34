// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A program to be run in a guest.
 */
export interface ExecuteInGuestRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The program, by its path in the guest.
   */
  'command'?: (string);
  /**
   * Its arguments.
   */
  'args'?: (string)[];
  /**
   * How long it may take, in seconds; 0 means 30.
   */
  'timeoutSeconds'?: (number);
  /**
   * Whether to wait until it has ended.
   */
  'waitForExit'?: (boolean);
  /**
   * Directory that it is run in, an absolute path; empty leaves that to the agent.
   */
  'workingDirectory'?: (string);
  /**
   * Its environment, all of it but for a PATH; empty leaves that to the agent.
   */
  'environment'?: ({[key: string]: string});
  /**
   * What it reads from standard input, at most 64 KiB.
   */
  'stdin'?: (Buffer | Uint8Array | string);
  /**
   * Most that is kept of each output, in bytes; 0 means 65,536, and 1,048,576 is the most.
   */
  'maxOutputBytes'?: (number);
}

/**
 * A program to be run in a guest.
 */
export interface ExecuteInGuestRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The program, by its path in the guest.
   */
  'command': (string);
  /**
   * Its arguments.
   */
  'args': (string)[];
  /**
   * How long it may take, in seconds; 0 means 30.
   */
  'timeoutSeconds': (number);
  /**
   * Whether to wait until it has ended.
   */
  'waitForExit': (boolean);
  /**
   * Directory that it is run in, an absolute path; empty leaves that to the agent.
   */
  'workingDirectory': (string);
  /**
   * Its environment, all of it but for a PATH; empty leaves that to the agent.
   */
  'environment': ({[key: string]: string});
  /**
   * What it reads from standard input, at most 64 KiB.
   */
  'stdin': (Buffer);
  /**
   * Most that is kept of each output, in bytes; 0 means 65,536, and 1,048,576 is the most.
   */
  'maxOutputBytes': (number);
}
