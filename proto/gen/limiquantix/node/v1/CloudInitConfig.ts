// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * The files that cloud-init reads.
 */
export interface CloudInitConfig {
  /**
   * User data, mostly YAML that begins with #cloud-config.
   */
  'userData'?: (string);
  /**
   * Meta data, as YAML or JSON.
   */
  'metaData'?: (string);
  /**
   * Network configuration, version 1 or 2.
   */
  'networkConfig'?: (string);
  /**
   * Vendor data.
   */
  'vendorData'?: (string);
}

/**
 * The files that cloud-init reads.
 */
export interface CloudInitConfig__Output {
  /**
   * User data, mostly YAML that begins with #cloud-config.
   */
  'userData': (string);
  /**
   * Meta data, as YAML or JSON.
   */
  'metaData': (string);
  /**
   * Network configuration, version 1 or 2.
   */
  'networkConfig': (string);
  /**
   * Vendor data.
   */
  'vendorData': (string);
}
