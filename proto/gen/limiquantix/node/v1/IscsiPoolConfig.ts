// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * An iSCSI target.
 */
export interface IscsiPoolConfig {
  /**
   * Address of the portal, like "192.168.1.50:3260".
   */
  'portal'?: (string);
  /**
   * Name of the target, like "iqn.2023-01.com.example:pool".
   */
  'target'?: (string);
  /**
   * Whether it asks for a password.
   */
  'chapEnabled'?: (boolean);
  /**
   * User that it knows.
   */
  'chapUser'?: (string);
  /**
   * The user's password.
   */
  'chapPassword'?: (string);
  /**
   * Number of the unit.
   */
  'lun'?: (number);
  /**
   * LVM volume group on it; empty uses its units as volumes.
   */
  'volumeGroup'?: (string);
}

/**
 * An iSCSI target.
 */
export interface IscsiPoolConfig__Output {
  /**
   * Address of the portal, like "192.168.1.50:3260".
   */
  'portal': (string);
  /**
   * Name of the target, like "iqn.2023-01.com.example:pool".
   */
  'target': (string);
  /**
   * Whether it asks for a password.
   */
  'chapEnabled': (boolean);
  /**
   * User that it knows.
   */
  'chapUser': (string);
  /**
   * The user's password.
   */
  'chapPassword': (string);
  /**
   * Number of the unit.
   */
  'lun': (number);
  /**
   * LVM volume group on it; empty uses its units as volumes.
   */
  'volumeGroup': (string);
}
