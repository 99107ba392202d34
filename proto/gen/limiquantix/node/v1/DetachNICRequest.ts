// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A network card to be detached.
 */
export interface DetachNICRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The card, by its MAC address.
   */
  'nicId'?: (string);
}

/**
 * A network card to be detached.
 */
export interface DetachNICRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The card, by its MAC address.
   */
  'nicId': (string);
}
