// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * What a VM boots with.
 */
export const Firmware = {
  /**
   * SeaBIOS.
   */
  FIRMWARE_BIOS: 'FIRMWARE_BIOS',
  /**
   * OVMF.
   */
  FIRMWARE_UEFI: 'FIRMWARE_UEFI',
} as const;

/**
 * What a VM boots with.
 */
export type Firmware =
  /**
   * SeaBIOS.
   */
  | 'FIRMWARE_BIOS'
  | 0
  /**
   * OVMF.
   */
  | 'FIRMWARE_UEFI'
  | 1

/**
 * What a VM boots with.
 */
export type Firmware__Output = typeof Firmware[keyof typeof Firmware]
