import { renderXml, type XmlObject } from '../xml/render.ts'

/** Where QEMU finds a volume. */
export type AttachmentSource =
  | { type: 'file'; path: string; format: 'qcow2' | 'raw' }
  | {
      type: 'network'
      protocol: 'iscsi' | 'rbd'
      name: string
      hosts: readonly NetworkHost[]
      auth: DiskAuth | null
      initiator?: string
    }

export interface NetworkHost {
  host: string
  port: number
}

export interface DiskAuth {
  user: string
  /** libvirt's secret. */
  secretUuid: string
}

/** A `disk` element for a domain's definition (https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms); whoever writes the definition chooses another target where `vda` is taken. */
export const attachmentXml = (source: AttachmentSource): string =>
  renderXml({
    disk: {
      '@type': source.type,
      '@device': 'disk',
      driver: { '@name': 'qemu', '@type': source.type === 'file' ? source.format : 'raw', '@discard': 'unmap' },
      source: source.type === 'file' ? { '@file': source.path } : networkSource(source),
      target: { '@dev': 'vda', '@bus': 'virtio' },
    },
  })

const networkSource = ({
  protocol,
  name,
  hosts,
  auth,
  initiator,
}: AttachmentSource & { type: 'network' }): XmlObject => ({
  '@protocol': protocol,
  '@name': name,
  host: hosts.map(({ host, port }) => ({ '@name': bare(host), '@port': port })),
  initiator: initiator === undefined ? undefined : { iqn: { '@name': initiator } },
  auth:
    auth === null
      ? undefined
      : {
          '@username': auth.user,
          secret: { '@type': protocol === 'iscsi' ? 'iscsi' : 'ceph', '@uuid': auth.secretUuid },
        },
})

/** libvirt writes the brackets of an IPv6 address itself. */
export const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')
