// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { EventType as _limiquantix_node_v1_EventType, EventType__Output as _limiquantix_node_v1_EventType__Output } from '../../../limiquantix/node/v1/EventType.ts';

/**
 * Something that happened on a node.
 */
export interface NodeEvent {
  /**
   * The event.
   */
  'id'?: (string);
  /**
   * When it happened.
   */
  'timestamp'?: (_google_protobuf_Timestamp | null);
  /**
   * What happened.
   */
  'type'?: (_limiquantix_node_v1_EventType);
  /**
   * The VM that it happened to; empty where it happened to the node.
   */
  'vmId'?: (string);
  /**
   * For people.
   */
  'message'?: (string);
  /**
   * For programs.
   */
  'metadata'?: ({[key: string]: string});
}

/**
 * Something that happened on a node.
 */
export interface NodeEvent__Output {
  /**
   * The event.
   */
  'id': (string);
  /**
   * When it happened.
   */
  'timestamp': (_google_protobuf_Timestamp__Output | null);
  /**
   * What happened.
   */
  'type': (_limiquantix_node_v1_EventType__Output);
  /**
   * The VM that it happened to; empty where it happened to the node.
   */
  'vmId': (string);
  /**
   * For people.
   */
  'message': (string);
  /**
   * For programs.
   */
  'metadata': ({[key: string]: string});
}
