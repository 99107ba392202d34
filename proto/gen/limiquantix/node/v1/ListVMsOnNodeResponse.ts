// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { VMStatusResponse as _limiquantix_node_v1_VMStatusResponse, VMStatusResponse__Output as _limiquantix_node_v1_VMStatusResponse__Output } from '../../../limiquantix/node/v1/VMStatusResponse.ts';

/**
 * Every VM of a node.
 */
export interface ListVMsOnNodeResponse {
  /**
   * The VMs, by id.
   */
  'vms'?: (_limiquantix_node_v1_VMStatusResponse)[];
}

/**
 * Every VM of a node.
 */
export interface ListVMsOnNodeResponse__Output {
  /**
   * The VMs, by id.
   */
  'vms': (_limiquantix_node_v1_VMStatusResponse__Output)[];
}
