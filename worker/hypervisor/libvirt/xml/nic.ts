import type { XmlObject } from './render.ts'

/** A virtio network card on one of the node's libvirt networks. */
export const nic = ({ network }: { network: string }): XmlObject => ({
  '@type': 'network',
  source: { '@network': network },
  model: { '@type': 'virtio' },
})
