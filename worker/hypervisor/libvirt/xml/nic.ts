import type { NicModel, NicSpec } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

/** libvirt counts kilobytes of 1000. */
const kilobytesPerMegabit = 125

/** A network card on one of the node's libvirt networks, or on a bridge. */
export function nic(spec: NicSpec, bootOrder: number | undefined): XmlObject {
  const { mac, model, network, bridge, bandwidthMbps } = spec
  const limit = bandwidthMbps && { '@average': bandwidthMbps * kilobytesPerMegabit }
  return {
    '@type': bridge === undefined ? 'network' : 'bridge',
    mac: { '@address': mac },
    source: bridge === undefined ? { '@network': network } : { '@bridge': bridge },
    model: { '@type': model },
    bandwidth: limit ? { inbound: limit, outbound: limit } : undefined,
    boot: bootOrder === undefined ? undefined : { '@order': bootOrder },
  }
}

/** On PCI Express; the others are on conventional PCI. */
export const isPcie = ({ model }: { model: NicModel }): boolean => model === 'virtio' || model === 'e1000e'
