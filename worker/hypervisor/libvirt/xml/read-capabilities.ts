import { childrenOf, find, readXml } from './read.ts'

/** What we read of a node's capabilities (https://libvirt.org/formatcaps.html). */
export interface Capabilities {
  hostUuid: string
  /** Who QEMU runs as; null where libvirt does not say, as for a session daemon. */
  qemuUser: { uid: number; gid: number } | null
  /** Of the host's time stamp counter, as KVM measured it; null where it did not. */
  tscFrequencyHz: number | null
  /** The CPU can run a guest whose TSC has another frequency. */
  tscScaling: boolean
}

export function readCapabilities(xml: string): Capabilities {
  const host = find(readXml(xml), 'host')
  const dac = childrenOf(host, 'secmodel').find((model) => find(model, 'model')?.text === 'dac')
  const tsc = childrenOf(find(host, 'cpu'), 'counter').find(({ attributes }) => attributes.get('name') === 'tsc')
  const [, uid, gid] = /^\+(\d+):\+(\d+)$/.exec(find(dac, 'baselabel')?.text ?? '') ?? []
  return {
    hostUuid: find(host, 'uuid')?.text ?? '',
    qemuUser: uid !== undefined && gid !== undefined ? { uid: Number(uid), gid: Number(gid) } : null,
    tscFrequencyHz: Number(tsc?.attributes.get('frequency')) || null,
    tscScaling: tsc?.attributes.get('scaling') === 'yes',
  }
}
