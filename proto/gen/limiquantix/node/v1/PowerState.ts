// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * The state of a VM.
 */
export const PowerState = {
  /**
   * Not known.
   */
  POWER_STATE_UNKNOWN: 'POWER_STATE_UNKNOWN',
  /**
   * The guest runs.
   */
  POWER_STATE_RUNNING: 'POWER_STATE_RUNNING',
  /**
   * There is no power.
   */
  POWER_STATE_STOPPED: 'POWER_STATE_STOPPED',
  /**
   * The guest stands still, and has its memory.
   */
  POWER_STATE_PAUSED: 'POWER_STATE_PAUSED',
  /**
   * The guest has suspended itself.
   */
  POWER_STATE_SUSPENDED: 'POWER_STATE_SUSPENDED',
  /**
   * There is no power, because QEMU or the guest came to an unexpected end.
   */
  POWER_STATE_CRASHED: 'POWER_STATE_CRASHED',
} as const;

/**
 * The state of a VM.
 */
export type PowerState =
  /**
   * Not known.
   */
  | 'POWER_STATE_UNKNOWN'
  | 0
  /**
   * The guest runs.
   */
  | 'POWER_STATE_RUNNING'
  | 1
  /**
   * There is no power.
   */
  | 'POWER_STATE_STOPPED'
  | 2
  /**
   * The guest stands still, and has its memory.
   */
  | 'POWER_STATE_PAUSED'
  | 3
  /**
   * The guest has suspended itself.
   */
  | 'POWER_STATE_SUSPENDED'
  | 4
  /**
   * There is no power, because QEMU or the guest came to an unexpected end.
   */
  | 'POWER_STATE_CRASHED'
  | 5

/**
 * The state of a VM.
 */
export type PowerState__Output = typeof PowerState[keyof typeof PowerState]
