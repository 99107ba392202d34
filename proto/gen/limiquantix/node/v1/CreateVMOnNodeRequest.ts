// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { VMSpec as _limiquantix_node_v1_VMSpec, VMSpec__Output as _limiquantix_node_v1_VMSpec__Output } from '../../../limiquantix/node/v1/VMSpec.ts';

/**
 * A VM to be made.
 */
export interface CreateVMOnNodeRequest {
  /**
   * The VM: a UUID that its maker chooses. It is also the domain's.
   */
  'vmId'?: (string);
  /**
   * Unique on the node; at most 63 letters, digits and . _ -
   */
  'name'?: (string);
  /**
   * What it is made of.
   */
  'spec'?: (_limiquantix_node_v1_VMSpec | null);
  /**
   * For whoever made it: they mean nothing to the node.
   */
  'labels'?: ({[key: string]: string});
}

/**
 * A VM to be made.
 */
export interface CreateVMOnNodeRequest__Output {
  /**
   * The VM: a UUID that its maker chooses. It is also the domain's.
   */
  'vmId': (string);
  /**
   * Unique on the node; at most 63 letters, digits and . _ -
   */
  'name': (string);
  /**
   * What it is made of.
   */
  'spec': (_limiquantix_node_v1_VMSpec__Output | null);
  /**
   * For whoever made it: they mean nothing to the node.
   */
  'labels': ({[key: string]: string});
}
