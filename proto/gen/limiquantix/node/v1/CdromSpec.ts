// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A CD drive of a VM.
 */
export interface CdromSpec {
  /**
   * Name of the device in the VM, like "sda"; empty takes the first free one.
   */
  'id'?: (string);
  /**
   * File name of an ISO of the node; empty leaves the drive empty.
   */
  'isoPath'?: (string);
  /**
   * Not looked at: boot_order decides.
   */
  'bootable'?: (boolean);
}

/**
 * A CD drive of a VM.
 */
export interface CdromSpec__Output {
  /**
   * Name of the device in the VM, like "sda"; empty takes the first free one.
   */
  'id': (string);
  /**
   * File name of an ISO of the node; empty leaves the drive empty.
   */
  'isoPath': (string);
  /**
   * Not looked at: boot_order decides.
   */
  'bootable': (boolean);
}
