// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What became of a file that was to be written in a guest.
 */
export interface WriteGuestFileResponse {
  /**
   * Whether it was written.
   */
  'success'?: (boolean);
  /**
   * How much was written, in bytes.
   */
  'bytesWritten'?: (number | string | Long);
  /**
   * Why it was not written; empty where it was.
   */
  'error'?: (string);
}

/**
 * What became of a file that was to be written in a guest.
 */
export interface WriteGuestFileResponse__Output {
  /**
   * Whether it was written.
   */
  'success': (boolean);
  /**
   * How much was written, in bytes.
   */
  'bytesWritten': (number);
  /**
   * Why it was not written; empty where it was.
   */
  'error': (string);
}
