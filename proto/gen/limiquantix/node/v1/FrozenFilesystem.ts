// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A file system that was to be frozen.
 */
export interface FrozenFilesystem {
  /**
   * Where it is mounted.
   */
  'mountPoint'?: (string);
  /**
   * What is mounted.
   */
  'device'?: (string);
  /**
   * Its type, like "ext4".
   */
  'filesystem'?: (string);
  /**
   * Whether it is frozen.
   */
  'frozen'?: (boolean);
  /**
   * Why it is not; empty where it is.
   */
  'error'?: (string);
}

/**
 * A file system that was to be frozen.
 */
export interface FrozenFilesystem__Output {
  /**
   * Where it is mounted.
   */
  'mountPoint': (string);
  /**
   * What is mounted.
   */
  'device': (string);
  /**
   * Its type, like "ext4".
   */
  'filesystem': (string);
  /**
   * Whether it is frozen.
   */
  'frozen': (boolean);
  /**
   * Why it is not; empty where it is.
   */
  'error': (string);
}
