// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * The health of a node.
 */
export interface HealthCheckResponse {
  /**
   * Whether the hypervisor answers.
   */
  'healthy'?: (boolean);
  /**
   * Version of the daemon.
   */
  'version'?: (string);
  /**
   * "libvirt" or "simulated".
   */
  'hypervisor'?: (string);
  /**
   * Version of the hypervisor, like "9.0.0"; empty where it does not say.
   */
  'hypervisorVersion'?: (string);
  /**
   * How long the daemon has been running, in seconds.
   */
  'uptimeSeconds'?: (number | string | Long);
  /**
   * The node's id, as in NodeInfoResponse: who answers here.
   */
  'nodeId'?: (string);
  /**
   * When the certificate that the node shows runs out; unset where it listens without TLS.
   */
  'certificateExpiresAt'?: (_google_protobuf_Timestamp | null);
}

/**
 * The health of a node.
 */
export interface HealthCheckResponse__Output {
  /**
   * Whether the hypervisor answers.
   */
  'healthy': (boolean);
  /**
   * Version of the daemon.
   */
  'version': (string);
  /**
   * "libvirt" or "simulated".
   */
  'hypervisor': (string);
  /**
   * Version of the hypervisor, like "9.0.0"; empty where it does not say.
   */
  'hypervisorVersion': (string);
  /**
   * How long the daemon has been running, in seconds.
   */
  'uptimeSeconds': (number);
  /**
   * The node's id, as in NodeInfoResponse: who answers here.
   */
  'nodeId': (string);
  /**
   * When the certificate that the node shows runs out; unset where it listens without TLS.
   */
  'certificateExpiresAt': (_google_protobuf_Timestamp__Output | null);
}
