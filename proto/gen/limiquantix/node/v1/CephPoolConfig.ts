// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A pool of a Ceph cluster.
 */
export interface CephPoolConfig {
  /**
   * The cluster.
   */
  'clusterId'?: (string);
  /**
   * Its pool.
   */
  'poolName'?: (string);
  /**
   * Addresses of its monitors, like "10.0.0.1:6789".
   */
  'monitors'?: (string)[];
  /**
   * Its user, like "libvirt".
   */
  'user'?: (string);
  /**
   * The user's key ring, by its path on the node.
   */
  'keyringPath'?: (string);
  /**
   * Namespace in the pool.
   */
  'namespace'?: (string);
  /**
   * libvirt's secret with the user's key; empty makes one of the key ring.
   */
  'secretUuid'?: (string);
}

/**
 * A pool of a Ceph cluster.
 */
export interface CephPoolConfig__Output {
  /**
   * The cluster.
   */
  'clusterId': (string);
  /**
   * Its pool.
   */
  'poolName': (string);
  /**
   * Addresses of its monitors, like "10.0.0.1:6789".
   */
  'monitors': (string)[];
  /**
   * Its user, like "libvirt".
   */
  'user': (string);
  /**
   * The user's key ring, by its path on the node.
   */
  'keyringPath': (string);
  /**
   * Namespace in the pool.
   */
  'namespace': (string);
  /**
   * libvirt's secret with the user's key; empty makes one of the key ring.
   */
  'secretUuid': (string);
}
