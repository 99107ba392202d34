// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { FrozenFilesystem as _limiquantix_node_v1_FrozenFilesystem, FrozenFilesystem__Output as _limiquantix_node_v1_FrozenFilesystem__Output } from '../../../limiquantix/node/v1/FrozenFilesystem.ts';

/**
 * What was frozen.
 */
export interface QuiesceFilesystemsResponse {
  /**
   * Whether all were frozen; otherwise none is.
   */
  'success'?: (boolean);
  /**
   * Each file system that was to be frozen.
   */
  'frozen'?: (_limiquantix_node_v1_FrozenFilesystem)[];
  /**
   * Why it failed; empty where it did not.
   */
  'error'?: (string);
  /**
   * What thaws them.
   */
  'quiesceToken'?: (string);
}

/**
 * What was frozen.
 */
export interface QuiesceFilesystemsResponse__Output {
  /**
   * Whether all were frozen; otherwise none is.
   */
  'success': (boolean);
  /**
   * Each file system that was to be frozen.
   */
  'frozen': (_limiquantix_node_v1_FrozenFilesystem__Output)[];
  /**
   * Why it failed; empty where it did not.
   */
  'error': (string);
  /**
   * What thaws them.
   */
  'quiesceToken': (string);
}
