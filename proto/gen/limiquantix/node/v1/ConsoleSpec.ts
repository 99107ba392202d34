// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * The display of a VM. The node chooses the port, and listens on its loopback address.
 */
export interface ConsoleSpec {
  /**
   * Whether there is a VNC server.
   */
  'vncEnabled'?: (boolean);
  /**
   * Port of the VNC server; only 0, which lets the node choose.
   */
  'vncPort'?: (number);
  /**
   * Password of the VNC server, at most 8 characters; empty asks for none. The node keeps it encrypted.
   */
  'vncPassword'?: (string);
  /**
   * Whether there is a SPICE server.
   */
  'spiceEnabled'?: (boolean);
  /**
   * Port of the SPICE server; only 0, which lets the node choose.
   */
  'spicePort'?: (number);
}

/**
 * The display of a VM. The node chooses the port, and listens on its loopback address.
 */
export interface ConsoleSpec__Output {
  /**
   * Whether there is a VNC server.
   */
  'vncEnabled': (boolean);
  /**
   * Port of the VNC server; only 0, which lets the node choose.
   */
  'vncPort': (number);
  /**
   * Password of the VNC server, at most 8 characters; empty asks for none. The node keeps it encrypted.
   */
  'vncPassword': (string);
  /**
   * Whether there is a SPICE server.
   */
  'spiceEnabled': (boolean);
  /**
   * Port of the SPICE server; only 0, which lets the node choose.
   */
  'spicePort': (number);
}
