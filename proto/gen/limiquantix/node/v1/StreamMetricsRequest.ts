// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * How often figures are wanted.
 */
export interface StreamMetricsRequest {
  /**
   * Time between two messages, in seconds; 0 means 5.
   */
  'intervalSeconds'?: (number);
}

/**
 * How often figures are wanted.
 */
export interface StreamMetricsRequest__Output {
  /**
   * Time between two messages, in seconds; 0 means 5.
   */
  'intervalSeconds': (number);
}
