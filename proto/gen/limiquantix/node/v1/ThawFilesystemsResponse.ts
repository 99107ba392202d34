// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What was thawed.
 */
export interface ThawFilesystemsResponse {
  /**
   * True: a thaw that fails ends with an error.
   */
  'success'?: (boolean);
  /**
   * Where they are mounted.
   */
  'thawedMountPoints'?: (string)[];
  /**
   * Why the scripts after the thaw failed; empty where they did not, or were not run.
   */
  'error'?: (string);
  /**
   * How long they were frozen, in milliseconds, from the asking for it until they were seen thawed.
   */
  'frozenDurationMs'?: (number | string | Long);
}

/**
 * What was thawed.
 */
export interface ThawFilesystemsResponse__Output {
  /**
   * True: a thaw that fails ends with an error.
   */
  'success': (boolean);
  /**
   * Where they are mounted.
   */
  'thawedMountPoints': (string)[];
  /**
   * Why the scripts after the thaw failed; empty where they did not, or were not run.
   */
  'error': (string);
  /**
   * How long they were frozen, in milliseconds, from the asking for it until they were seen thawed.
   */
  'frozenDurationMs': (number);
}
