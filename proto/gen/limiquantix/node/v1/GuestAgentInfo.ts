// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { GuestNetworkInterface as _limiquantix_node_v1_GuestNetworkInterface, GuestNetworkInterface__Output as _limiquantix_node_v1_GuestNetworkInterface__Output } from '../../../limiquantix/node/v1/GuestNetworkInterface.ts';
import type { GuestResourceUsage as _limiquantix_node_v1_GuestResourceUsage, GuestResourceUsage__Output as _limiquantix_node_v1_GuestResourceUsage__Output } from '../../../limiquantix/node/v1/GuestResourceUsage.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { GuestUser as _limiquantix_node_v1_GuestUser, GuestUser__Output as _limiquantix_node_v1_GuestUser__Output } from '../../../limiquantix/node/v1/GuestUser.ts';

/**
 * A guest as its agent describes it.
 */
export interface GuestAgentInfo {
  /**
   * Whether the agent answers.
   */
  'connected'?: (boolean);
  /**
   * Version of the agent.
   */
  'version'?: (string);
  /**
   * Name of the guest's operating system.
   */
  'osName'?: (string);
  /**
   * Version of the guest's operating system.
   */
  'osVersion'?: (string);
  /**
   * Release of the guest's kernel.
   */
  'kernelVersion'?: (string);
  /**
   * Name that the guest gives itself.
   */
  'hostname'?: (string);
  /**
   * Addresses of the guest, those of its loopback left out.
   */
  'ipAddresses'?: (string)[];
  /**
   * Network interfaces of the guest.
   */
  'interfaces'?: (_limiquantix_node_v1_GuestNetworkInterface)[];
  /**
   * What the guest uses.
   */
  'resourceUsage'?: (_limiquantix_node_v1_GuestResourceUsage | null);
  /**
   * What the agent can do, by the names of its commands.
   */
  'capabilities'?: (string)[];
  /**
   * When the agent last answered.
   */
  'lastSeen'?: (_google_protobuf_Timestamp | null);
  /**
   * Who is logged in; empty too where the agent cannot say.
   */
  'users'?: (_limiquantix_node_v1_GuestUser)[];
}

/**
 * A guest as its agent describes it.
 */
export interface GuestAgentInfo__Output {
  /**
   * Whether the agent answers.
   */
  'connected': (boolean);
  /**
   * Version of the agent.
   */
  'version': (string);
  /**
   * Name of the guest's operating system.
   */
  'osName': (string);
  /**
   * Version of the guest's operating system.
   */
  'osVersion': (string);
  /**
   * Release of the guest's kernel.
   */
  'kernelVersion': (string);
  /**
   * Name that the guest gives itself.
   */
  'hostname': (string);
  /**
   * Addresses of the guest, those of its loopback left out.
   */
  'ipAddresses': (string)[];
  /**
   * Network interfaces of the guest.
   */
  'interfaces': (_limiquantix_node_v1_GuestNetworkInterface__Output)[];
  /**
   * What the guest uses.
   */
  'resourceUsage': (_limiquantix_node_v1_GuestResourceUsage__Output | null);
  /**
   * What the agent can do, by the names of its commands.
   */
  'capabilities': (string)[];
  /**
   * When the agent last answered.
   */
  'lastSeen': (_google_protobuf_Timestamp__Output | null);
  /**
   * Who is logged in; empty too where the agent cannot say.
   */
  'users': (_limiquantix_node_v1_GuestUser__Output)[];
}
