// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Whether a guest's agent answers.
 */
export interface AgentPingResponse {
  /**
   * Whether it does.
   */
  'connected'?: (boolean);
  /**
   * Version of the agent.
   */
  'version'?: (string);
  /**
   * How long the guest has been up, in seconds.
   */
  'uptimeSeconds'?: (number | string | Long);
  /**
   * Why it does not answer; empty where it does.
   */
  'error'?: (string);
}

/**
 * Whether a guest's agent answers.
 */
export interface AgentPingResponse__Output {
  /**
   * Whether it does.
   */
  'connected': (boolean);
  /**
   * Version of the agent.
   */
  'version': (string);
  /**
   * How long the guest has been up, in seconds.
   */
  'uptimeSeconds': (number);
  /**
   * Why it does not answer; empty where it does.
   */
  'error': (string);
}
