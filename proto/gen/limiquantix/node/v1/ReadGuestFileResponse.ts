// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What was read of a file of a guest.
 */
export interface ReadGuestFileResponse {
  /**
   * Whether it was read.
   */
  'success'?: (boolean);
  /**
   * What was read.
   */
  'data'?: (Buffer | Uint8Array | string);
  /**
   * Size of the file, in bytes; 0 where the agent does not say.
   */
  'totalSize'?: (number | string | Long);
  /**
   * Whether the file ends with it.
   */
  'eof'?: (boolean);
  /**
   * Why it was not read; empty where it was.
   */
  'error'?: (string);
}

/**
 * What was read of a file of a guest.
 */
export interface ReadGuestFileResponse__Output {
  /**
   * Whether it was read.
   */
  'success': (boolean);
  /**
   * What was read.
   */
  'data': (Buffer);
  /**
   * Size of the file, in bytes; 0 where the agent does not say.
   */
  'totalSize': (number);
  /**
   * Whether the file ends with it.
   */
  'eof': (boolean);
  /**
   * Why it was not read; empty where it was.
   */
  'error': (string);
}
