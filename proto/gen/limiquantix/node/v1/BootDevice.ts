// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * A kind of device to boot from.
 */
export const BootDevice = {
  /**
   * The disks.
   */
  BOOT_DEVICE_DISK: 'BOOT_DEVICE_DISK',
  /**
   * The CD drives.
   */
  BOOT_DEVICE_CDROM: 'BOOT_DEVICE_CDROM',
  /**
   * The network cards.
   */
  BOOT_DEVICE_NETWORK: 'BOOT_DEVICE_NETWORK',
} as const;

/**
 * A kind of device to boot from.
 */
export type BootDevice =
  /**
   * The disks.
   */
  | 'BOOT_DEVICE_DISK'
  | 0
  /**
   * The CD drives.
   */
  | 'BOOT_DEVICE_CDROM'
  | 1
  /**
   * The network cards.
   */
  | 'BOOT_DEVICE_NETWORK'
  | 2

/**
 * A kind of device to boot from.
 */
export type BootDevice__Output = typeof BootDevice[keyof typeof BootDevice]
