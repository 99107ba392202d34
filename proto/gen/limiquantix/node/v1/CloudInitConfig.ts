// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * The files that cloud-init reads.
 */
export interface CloudInitConfig {
  /**
   * User data, mostly YAML that begins with #cloud-config; at most 64 KiB.
   */
  'userData'?: (string);
  /**
   * Meta data, as YAML or JSON; at most 16 KiB. Instance id and host name are the VM's where it does not say them.
   */
  'metaData'?: (string);
  /**
   * Network configuration, version 1 or 2; at most 16 KiB.
   */
  'networkConfig'?: (string);
  /**
   * Vendor data; must be empty.
   */
  'vendorData'?: (string);
}

/**
 * The files that cloud-init reads.
 */
export interface CloudInitConfig__Output {
  /**
   * User data, mostly YAML that begins with #cloud-config; at most 64 KiB.
   */
  'userData': (string);
  /**
   * Meta data, as YAML or JSON; at most 16 KiB. Instance id and host name are the VM's where it does not say them.
   */
  'metaData': (string);
  /**
   * Network configuration, version 1 or 2; at most 16 KiB.
   */
  'networkConfig': (string);
  /**
   * Vendor data; must be empty.
   */
  'vendorData': (string);
}
