// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * What network card a guest sees.
 */
export const NicModel = {
  /**
   * virtio-net.
   */
  NIC_MODEL_VIRTIO: 'NIC_MODEL_VIRTIO',
  /**
   * Intel 82540EM.
   */
  NIC_MODEL_E1000: 'NIC_MODEL_E1000',
  /**
   * Realtek 8139.
   */
  NIC_MODEL_RTL8139: 'NIC_MODEL_RTL8139',
} as const;

/**
 * What network card a guest sees.
 */
export type NicModel =
  /**
   * virtio-net.
   */
  | 'NIC_MODEL_VIRTIO'
  | 0
  /**
   * Intel 82540EM.
   */
  | 'NIC_MODEL_E1000'
  | 1
  /**
   * Realtek 8139.
   */
  | 'NIC_MODEL_RTL8139'
  | 2

/**
 * What network card a guest sees.
 */
export type NicModel__Output = typeof NicModel[keyof typeof NicModel]
