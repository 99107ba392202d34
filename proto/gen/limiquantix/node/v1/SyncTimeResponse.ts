// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * How a guest's clock was set.
 */
export interface SyncTimeResponse {
  /**
   * Whether it was.
   */
  'success'?: (boolean);
  /**
   * How far it was ahead of its source before, in seconds; negative when it was behind.
   */
  'offsetSeconds'?: (number | string);
  /**
   * What it was set to: "node".
   */
  'timeSource'?: (string);
  /**
   * Why it was not set; empty where it was.
   */
  'error'?: (string);
  /**
   * How far it is ahead of its source now, in seconds.
   */
  'offsetAfterSeconds'?: (number | string);
}

/**
 * How a guest's clock was set.
 */
export interface SyncTimeResponse__Output {
  /**
   * Whether it was.
   */
  'success': (boolean);
  /**
   * How far it was ahead of its source before, in seconds; negative when it was behind.
   */
  'offsetSeconds': (number);
  /**
   * What it was set to: "node".
   */
  'timeSource': (string);
  /**
   * Why it was not set; empty where it was.
   */
  'error': (string);
  /**
   * How far it is ahead of its source now, in seconds.
   */
  'offsetAfterSeconds': (number);
}
