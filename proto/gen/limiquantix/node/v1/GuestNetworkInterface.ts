// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A network interface as the guest sees it.
 */
export interface GuestNetworkInterface {
  /**
   * Like "eth0".
   */
  'name'?: (string);
  /**
   * Like "52:54:00:12:34:56".
   */
  'macAddress'?: (string);
  /**
   * IPv4 addresses.
   */
  'ipv4Addresses'?: (string)[];
  /**
   * IPv6 addresses.
   */
  'ipv6Addresses'?: (string)[];
  /**
   * Whether it is up.
   */
  'isUp'?: (boolean);
}

/**
 * A network interface as the guest sees it.
 */
export interface GuestNetworkInterface__Output {
  /**
   * Like "eth0".
   */
  'name': (string);
  /**
   * Like "52:54:00:12:34:56".
   */
  'macAddress': (string);
  /**
   * IPv4 addresses.
   */
  'ipv4Addresses': (string)[];
  /**
   * IPv6 addresses.
   */
  'ipv6Addresses': (string)[];
  /**
   * Whether it is up.
   */
  'isUp': (boolean);
}
