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
   * Directory that it is run in; empty leaves that to the agent.
   */
  'workingDirectory'?: (string);
  /**
   * Its environment.
   */
  'environment'?: ({[key: string]: string});
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
   * Directory that it is run in; empty leaves that to the agent.
   */
  'workingDirectory': (string);
  /**
   * Its environment.
   */
  'environment': ({[key: string]: string});
}
