// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { NicModel as _limiquantix_node_v1_NicModel, NicModel__Output as _limiquantix_node_v1_NicModel__Output } from '../../../limiquantix/node/v1/NicModel.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A network card of a VM.
 */
export interface NicSpec {
  /**
   * Names the card in this message alone.
   */
  'id'?: (string);
  /**
   * Like "52:54:00:12:34:56"; empty draws one. It names the card in DetachNIC.
   */
  'macAddress'?: (string);
  /**
   * Bridge of the node to attach it to; either this or network.
   */
  'bridge'?: (string);
  /**
   * libvirt network to attach it to.
   */
  'network'?: (string);
  /**
   * What the guest sees.
   */
  'model'?: (_limiquantix_node_v1_NicModel);
  /**
   * Most megabits per second, each way; 0 sets no limit.
   */
  'bandwidthMbps'?: (number | string | Long);
}

/**
 * A network card of a VM.
 */
export interface NicSpec__Output {
  /**
   * Names the card in this message alone.
   */
  'id': (string);
  /**
   * Like "52:54:00:12:34:56"; empty draws one. It names the card in DetachNIC.
   */
  'macAddress': (string);
  /**
   * Bridge of the node to attach it to; either this or network.
   */
  'bridge': (string);
  /**
   * libvirt network to attach it to.
   */
  'network': (string);
  /**
   * What the guest sees.
   */
  'model': (_limiquantix_node_v1_NicModel__Output);
  /**
   * Most megabits per second, each way; 0 sets no limit.
   */
  'bandwidthMbps': (number);
}
