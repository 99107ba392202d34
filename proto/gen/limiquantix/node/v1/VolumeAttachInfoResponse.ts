// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * How a volume is given to a VM.
 */
export interface VolumeAttachInfoResponse {
  /**
   * The volume.
   */
  'volumeId'?: (string);
  /**
   * Where it is found on the node.
   */
  'path'?: (string);
  /**
   * libvirt's element for it.
   */
  'diskXml'?: (string);
}

/**
 * How a volume is given to a VM.
 */
export interface VolumeAttachInfoResponse__Output {
  /**
   * The volume.
   */
  'volumeId': (string);
  /**
   * Where it is found on the node.
   */
  'path': (string);
  /**
   * libvirt's element for it.
   */
  'diskXml': (string);
}
