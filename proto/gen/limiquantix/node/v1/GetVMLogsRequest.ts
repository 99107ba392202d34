// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * Which part of a VM's log is wanted.
 */
export interface GetVMLogsRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * How many of the last lines; 0 means 100, and 1000 is the most.
   */
  'lines'?: (number);
}

/**
 * Which part of a VM's log is wanted.
 */
export interface GetVMLogsRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * How many of the last lines; 0 means 100, and 1000 is the most.
   */
  'lines': (number);
}
