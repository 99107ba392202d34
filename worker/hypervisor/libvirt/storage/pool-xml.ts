import type { StoragePoolSource, StoragePoolType } from '#db/storage-pool-source.ts'
import { renderXml, type XmlObject } from '../xml/render.ts'
import { bare } from './attachment-xml.ts'

export interface PoolParameters<Source = StoragePoolSource> {
  name: string
  uuid: string
  source: Source
  /** Where an NFS export is mounted; absolute. */
  mountPoint: string
  /** Who we are to a target. */
  initiator: string
  /** libvirt's secret for the source's user. */
  secretUuid: string
}

type SourceOf<Type> = Extract<StoragePoolSource, { type: Type }>

/** A pool's definition for libvirt (https://libvirt.org/formatstorage.html), without its secret. */
export function poolXml(pool: PoolParameters): string {
  const build = builders[pool.source.type] as (pool: PoolParameters) => XmlObject
  const { '@type': type, ...rest } = build(pool)
  return renderXml({ pool: { '@type': type, name: pool.name, uuid: pool.uuid, ...rest } })
}

const builders: { [Type in StoragePoolType]: (pool: PoolParameters<SourceOf<Type>>) => XmlObject } = {
  'local-dir': ({ source }) => ({ '@type': 'dir', target: { path: source.path } }),

  nfs: ({ source: { server, exportPath, version }, mountPoint }) => ({
    '@type': 'netfs',
    source: {
      host: { '@name': bare(server) },
      dir: { '@path': exportPath },
      format: { '@type': 'nfs' },
      protocol: version === undefined ? undefined : { '@ver': version },
    },
    target: { path: mountPoint },
  }),

  // Through libiscsi, as QEMU does it: no device of the node that another program could open.
  iscsi: ({ source: { host, port, target, chapUser }, initiator, secretUuid }) => ({
    '@type': 'iscsi-direct',
    source: {
      host: { '@name': bare(host), '@port': port },
      device: { '@path': target },
      initiator: { iqn: { '@name': initiator } },
      auth: auth('chap', chapUser, secretUuid),
    },
  }),

  'ceph-rbd': ({ source: { monitors, pool, user }, secretUuid }) => ({
    '@type': 'rbd',
    source: {
      host: monitors.map(({ host, port }) => ({ '@name': bare(host), '@port': port })),
      name: pool,
      auth: auth('ceph', user, secretUuid),
    },
  }),
}

const auth = (type: 'chap' | 'ceph', user: string | undefined, secretUuid: string): XmlObject | undefined =>
  user === undefined ? undefined : { '@type': type, '@username': user, secret: { '@uuid': secretUuid } }

/** Where libvirt keeps a pool's secret: without the secret itself, which it never says again. */
export const secretXml = ({ name, source, secretUuid }: PoolParameters): string =>
  renderXml({
    secret: {
      '@ephemeral': 'no',
      '@private': 'yes',
      uuid: secretUuid,
      usage: source.type === 'ceph-rbd' ? { '@type': 'ceph', name } : { '@type': 'iscsi', target: name },
    },
  })
