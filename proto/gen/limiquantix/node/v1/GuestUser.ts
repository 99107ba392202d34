// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * Somebody who is logged in to a guest.
 */
export interface GuestUser {
  /**
   * Name in the guest.
   */
  'name'?: (string);
  /**
   * Since when; not there where the agent does not say.
   */
  'loginAt'?: (_google_protobuf_Timestamp | null);
}

/**
 * Somebody who is logged in to a guest.
 */
export interface GuestUser__Output {
  /**
   * Name in the guest.
   */
  'name': (string);
  /**
   * Since when; not there where the agent does not say.
   */
  'loginAt': (_google_protobuf_Timestamp__Output | null);
}
