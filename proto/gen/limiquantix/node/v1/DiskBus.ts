// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * What a disk is attached to.
 */
export const DiskBus = {
  /**
   * virtio-blk.
   */
  DISK_BUS_VIRTIO: 'DISK_BUS_VIRTIO',
  /**
   * virtio-scsi.
   */
  DISK_BUS_SCSI: 'DISK_BUS_SCSI',
  /**
   * SATA.
   */
  DISK_BUS_SATA: 'DISK_BUS_SATA',
  /**
   * IDE, which the machines of this node do not have.
   */
  DISK_BUS_IDE: 'DISK_BUS_IDE',
} as const;

/**
 * What a disk is attached to.
 */
export type DiskBus =
  /**
   * virtio-blk.
   */
  | 'DISK_BUS_VIRTIO'
  | 0
  /**
   * virtio-scsi.
   */
  | 'DISK_BUS_SCSI'
  | 1
  /**
   * SATA.
   */
  | 'DISK_BUS_SATA'
  | 2
  /**
   * IDE, which the machines of this node do not have.
   */
  | 'DISK_BUS_IDE'
  | 3

/**
 * What a disk is attached to.
 */
export type DiskBus__Output = typeof DiskBus[keyof typeof DiskBus]
