// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A part of a file of a guest.
 */
export interface ReadGuestFileRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The file, by its absolute path in the guest.
   */
  'path'?: (string);
  /**
   * Where the part begins, in bytes.
   */
  'offset'?: (number | string | Long);
  /**
   * How long it is at most, in bytes; 0 takes as much as one answer holds, which is 1 MiB.
   */
  'maxSize'?: (number | string | Long);
}

/**
 * A part of a file of a guest.
 */
export interface ReadGuestFileRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The file, by its absolute path in the guest.
   */
  'path': (string);
  /**
   * Where the part begins, in bytes.
   */
  'offset': (number);
  /**
   * How long it is at most, in bytes; 0 takes as much as one answer holds, which is 1 MiB.
   */
  'maxSize': (number);
}
