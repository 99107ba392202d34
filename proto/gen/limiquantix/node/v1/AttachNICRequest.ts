// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { NicSpec as _limiquantix_node_v1_NicSpec, NicSpec__Output as _limiquantix_node_v1_NicSpec__Output } from '../../../limiquantix/node/v1/NicSpec.ts';

/**
 * A network card to be attached.
 */
export interface AttachNICRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The card.
   */
  'nic'?: (_limiquantix_node_v1_NicSpec | null);
}

/**
 * A network card to be attached.
 */
export interface AttachNICRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The card.
   */
  'nic': (_limiquantix_node_v1_NicSpec__Output | null);
}
