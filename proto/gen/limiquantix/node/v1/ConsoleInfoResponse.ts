// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * Where a display can be reached.
 */
export interface ConsoleInfoResponse {
  /**
   * "vnc" or "spice".
   */
  'consoleType'?: (string);
  /**
   * Address that it listens on.
   */
  'host'?: (string);
  /**
   * Port that it listens on.
   */
  'port'?: (number);
  /**
   * Always empty: the node tells nobody a password.
   */
  'password'?: (string);
  /**
   * Path of a websocket to it on the control plane; always empty, there is none yet.
   */
  'websocketPath'?: (string);
}

/**
 * Where a display can be reached.
 */
export interface ConsoleInfoResponse__Output {
  /**
   * "vnc" or "spice".
   */
  'consoleType': (string);
  /**
   * Address that it listens on.
   */
  'host': (string);
  /**
   * Port that it listens on.
   */
  'port': (number);
  /**
   * Always empty: the node tells nobody a password.
   */
  'password': (string);
  /**
   * Path of a websocket to it on the control plane; always empty, there is none yet.
   */
  'websocketPath': (string);
}
