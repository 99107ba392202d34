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
   * What it ended with: 128 and the signal's number where a signal ended it, -1 where its time was up.
   */
  'exitCode'?: (number);
  /**
   * What it wrote to standard output, up to the limit; what is no UTF-8 is replaced.
   */
  'stdout'?: (string);
  /**
   * What it wrote to standard error, up to the limit; what is no UTF-8 is replaced.
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
   * Why it did not succeed; empty where it did.
   */
  'error'?: (string);
  /**
   * Whether it wrote more to standard output.
   */
  'stdoutTruncated'?: (boolean);
  /**
   * Whether it wrote more to standard error.
   */
  'stderrTruncated'?: (boolean);
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
   * What it ended with: 128 and the signal's number where a signal ended it, -1 where its time was up.
   */
  'exitCode': (number);
  /**
   * What it wrote to standard output, up to the limit; what is no UTF-8 is replaced.
   */
  'stdout': (string);
  /**
   * What it wrote to standard error, up to the limit; what is no UTF-8 is replaced.
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
   * Why it did not succeed; empty where it did.
   */
  'error': (string);
  /**
   * Whether it wrote more to standard output.
   */
  'stdoutTruncated': (boolean);
  /**
   * Whether it wrote more to standard error.
   */
  'stderrTruncated': (boolean);
}
