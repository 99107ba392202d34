// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What became of a program that was run in a guest.
 */
export interface ExecuteInGuestResponse {
  /**
   * Whether it ended with 0, or was started where nobody waits for it.
   */
  'success'?: (boolean);
  /**
   * What it ended with.
   */
  'exitCode'?: (number);
  /**
   * What it wrote to standard output, up to a limit.
   */
  'stdout'?: (string);
  /**
   * What it wrote to standard error, up to a limit.
   */
  'stderr'?: (string);
  /**
   * Whether its time was up.
   */
  'timedOut'?: (boolean);
  /**
   * How long it took, in milliseconds.
   */
  'durationMs'?: (number | string | Long);
  /**
   * Why it could not be run; empty where it could.
   */
  'error'?: (string);
}

/**
 * What became of a program that was run in a guest.
 */
export interface ExecuteInGuestResponse__Output {
  /**
   * Whether it ended with 0, or was started where nobody waits for it.
   */
  'success': (boolean);
  /**
   * What it ended with.
   */
  'exitCode': (number);
  /**
   * What it wrote to standard output, up to a limit.
   */
  'stdout': (string);
  /**
   * What it wrote to standard error, up to a limit.
   */
  'stderr': (string);
  /**
   * Whether its time was up.
   */
  'timedOut': (boolean);
  /**
   * How long it took, in milliseconds.
   */
  'durationMs': (number);
  /**
   * Why it could not be run; empty where it could.
   */
  'error': (string);
}
