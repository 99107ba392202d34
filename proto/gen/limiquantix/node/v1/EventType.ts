// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * What happens on a node.
 */
export const EventType = {
  /**
   * None of these.
   */
  EVENT_TYPE_UNKNOWN: 'EVENT_TYPE_UNKNOWN',
  /**
   * A VM was started.
   */
  EVENT_TYPE_VM_STARTED: 'EVENT_TYPE_VM_STARTED',
  /**
   * A VM has stopped.
   */
  EVENT_TYPE_VM_STOPPED: 'EVENT_TYPE_VM_STOPPED',
  /**
   * A guest stands still.
   */
  EVENT_TYPE_VM_PAUSED: 'EVENT_TYPE_VM_PAUSED',
  /**
   * A guest goes on.
   */
  EVENT_TYPE_VM_RESUMED: 'EVENT_TYPE_VM_RESUMED',
  /**
   * QEMU or a guest came to an unexpected end.
   */
  EVENT_TYPE_VM_CRASHED: 'EVENT_TYPE_VM_CRASHED',
  /**
   * A guest began anew.
   */
  EVENT_TYPE_VM_REBOOTED: 'EVENT_TYPE_VM_REBOOTED',
  /**
   * A snapshot was taken.
   */
  EVENT_TYPE_SNAPSHOT_CREATED: 'EVENT_TYPE_SNAPSHOT_CREATED',
  /**
   * A VM was put back to a snapshot.
   */
  EVENT_TYPE_SNAPSHOT_REVERTED: 'EVENT_TYPE_SNAPSHOT_REVERTED',
  /**
   * A snapshot was removed.
   */
  EVENT_TYPE_SNAPSHOT_DELETED: 'EVENT_TYPE_SNAPSHOT_DELETED',
  /**
   * The node has more to do than it can.
   */
  EVENT_TYPE_NODE_OVERLOADED: 'EVENT_TYPE_NODE_OVERLOADED',
  /**
   * The node can do again what it has to.
   */
  EVENT_TYPE_NODE_RECOVERED: 'EVENT_TYPE_NODE_RECOVERED',
  /**
   * A guest's agent answers.
   */
  EVENT_TYPE_AGENT_CONNECTED: 'EVENT_TYPE_AGENT_CONNECTED',
  /**
   * A guest's agent answers no more.
   */
  EVENT_TYPE_AGENT_DISCONNECTED: 'EVENT_TYPE_AGENT_DISCONNECTED',
} as const;

/**
 * What happens on a node.
 */
export type EventType =
  /**
   * None of these.
   */
  | 'EVENT_TYPE_UNKNOWN'
  | 0
  /**
   * A VM was started.
   */
  | 'EVENT_TYPE_VM_STARTED'
  | 1
  /**
   * A VM has stopped.
   */
  | 'EVENT_TYPE_VM_STOPPED'
  | 2
  /**
   * A guest stands still.
   */
  | 'EVENT_TYPE_VM_PAUSED'
  | 3
  /**
   * A guest goes on.
   */
  | 'EVENT_TYPE_VM_RESUMED'
  | 4
  /**
   * QEMU or a guest came to an unexpected end.
   */
  | 'EVENT_TYPE_VM_CRASHED'
  | 5
  /**
   * A guest began anew.
   */
  | 'EVENT_TYPE_VM_REBOOTED'
  | 6
  /**
   * A snapshot was taken.
   */
  | 'EVENT_TYPE_SNAPSHOT_CREATED'
  | 7
  /**
   * A VM was put back to a snapshot.
   */
  | 'EVENT_TYPE_SNAPSHOT_REVERTED'
  | 8
  /**
   * A snapshot was removed.
   */
  | 'EVENT_TYPE_SNAPSHOT_DELETED'
  | 9
  /**
   * The node has more to do than it can.
   */
  | 'EVENT_TYPE_NODE_OVERLOADED'
  | 10
  /**
   * The node can do again what it has to.
   */
  | 'EVENT_TYPE_NODE_RECOVERED'
  | 11
  /**
   * A guest's agent answers.
   */
  | 'EVENT_TYPE_AGENT_CONNECTED'
  | 12
  /**
   * A guest's agent answers no more.
   */
  | 'EVENT_TYPE_AGENT_DISCONNECTED'
  | 13

/**
 * What happens on a node.
 */
export type EventType__Output = typeof EventType[keyof typeof EventType]
