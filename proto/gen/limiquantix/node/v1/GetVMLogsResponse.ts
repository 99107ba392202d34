// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * The end of a VM's log.
 */
export interface GetVMLogsResponse {
  /**
   * The lines, oldest first.
   */
  'lines'?: (string)[];
}

/**
 * The end of a VM's log.
 */
export interface GetVMLogsResponse__Output {
  /**
   * The lines, oldest first.
   */
  'lines': (string)[];
}
