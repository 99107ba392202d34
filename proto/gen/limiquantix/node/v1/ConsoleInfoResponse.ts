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
   * Password that it asks for; empty where it asks for none.
   */
  'password'?: (string);
  /**
   * Path of a websocket to it on the control plane; empty where there is none.
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
   * Password that it asks for; empty where it asks for none.
   */
  'password': (string);
  /**
   * Path of a websocket to it on the control plane; empty where there is none.
   */
  'websocketPath': (string);
}
