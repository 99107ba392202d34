import type { NicSpec } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

/** A virtio network card on one of the node's libvirt networks. */
export const nic = ({ mac, network }: NicSpec): XmlObject => ({
  '@type': 'network',
  mac: { '@address': mac },
  source: { '@network': network },
  model: { '@type': 'virtio' },
})
