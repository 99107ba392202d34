// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * An NFS export.
 */
export interface NfsPoolConfig {
  /**
   * Name or address of the server.
   */
  'server'?: (string);
  /**
   * The export's path on the server.
   */
  'exportPath'?: (string);
  /**
   * "3", "4", "4.1" or "4.2"; empty leaves it to the node.
   */
  'version'?: (string);
  /**
   * Mount options, separated by commas.
   */
  'options'?: (string);
  /**
   * Where it is mounted on the node; empty leaves that to the node.
   */
  'mountPoint'?: (string);
}

/**
 * An NFS export.
 */
export interface NfsPoolConfig__Output {
  /**
   * Name or address of the server.
   */
  'server': (string);
  /**
   * The export's path on the server.
   */
  'exportPath': (string);
  /**
   * "3", "4", "4.1" or "4.2"; empty leaves it to the node.
   */
  'version': (string);
  /**
   * Mount options, separated by commas.
   */
  'options': (string);
  /**
   * Where it is mounted on the node; empty leaves that to the node.
   */
  'mountPoint': (string);
}
