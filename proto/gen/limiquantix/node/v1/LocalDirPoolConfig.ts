// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A directory of the node.
 */
export interface LocalDirPoolConfig {
  /**
   * Its absolute path.
   */
  'path'?: (string);
  /**
   * Most that may be used of it, in GiB; 0 means all.
   */
  'capacityGib'?: (number | string | Long);
}

/**
 * A directory of the node.
 */
export interface LocalDirPoolConfig__Output {
  /**
   * Its absolute path.
   */
  'path': (string);
  /**
   * Most that may be used of it, in GiB; 0 means all.
   */
  'capacityGib': (number);
}
