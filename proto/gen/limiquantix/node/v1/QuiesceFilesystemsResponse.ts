// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { FrozenFilesystem as _limiquantix_node_v1_FrozenFilesystem, FrozenFilesystem__Output as _limiquantix_node_v1_FrozenFilesystem__Output } from '../../../limiquantix/node/v1/FrozenFilesystem.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * What was frozen.
 */
export interface QuiesceFilesystemsResponse {
  /**
   * True: a freeze that fails ends with an error, and none is frozen then.
   */
  'success'?: (boolean);
  /**
   * Each file system that was asked for.
   */
  'frozen'?: (_limiquantix_node_v1_FrozenFilesystem)[];
  /**
   * Empty.
   */
  'error'?: (string);
  /**
   * What thaws them.
   */
  'quiesceToken'?: (string);
  /**
   * When they are thawed in any case.
   */
  'deadlineAt'?: (_google_protobuf_Timestamp | null);
}

/**
 * What was frozen.
 */
export interface QuiesceFilesystemsResponse__Output {
  /**
   * True: a freeze that fails ends with an error, and none is frozen then.
   */
  'success': (boolean);
  /**
   * Each file system that was asked for.
   */
  'frozen': (_limiquantix_node_v1_FrozenFilesystem__Output)[];
  /**
   * Empty.
   */
  'error': (string);
  /**
   * What thaws them.
   */
  'quiesceToken': (string);
  /**
   * When they are thawed in any case.
   */
  'deadlineAt': (_google_protobuf_Timestamp__Output | null);
}
