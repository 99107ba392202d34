// Original file: proto/limiquantix/node/v1/node_daemon.proto

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
}
