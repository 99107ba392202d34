// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What was thawed.
 */
export interface ThawFilesystemsResponse {
  /**
   * Whether all were thawed.
   */
  'success'?: (boolean);
  /**
   * Where they are mounted.
   */
  'thawedMountPoints'?: (string)[];
  /**
   * Why it failed; empty where it did not.
   */
  'error'?: (string);
  /**
   * How long they were frozen, in milliseconds.
   */
  'frozenDurationMs'?: (number | string | Long);
}

/**
 * What was thawed.
 */
export interface ThawFilesystemsResponse__Output {
  /**
   * Whether all were thawed.
   */
  'success': (boolean);
  /**
   * Where they are mounted.
   */
  'thawedMountPoints': (string)[];
  /**
   * Why it failed; empty where it did not.
   */
  'error': (string);
  /**
   * How long they were frozen, in milliseconds.
   */
  'frozenDurationMs': (number);
}
