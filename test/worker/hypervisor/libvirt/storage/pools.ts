import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import type { AttachmentSource } from '#worker/hypervisor/libvirt/storage/attachment-xml.ts'
import type { PoolParameters } from '#worker/hypervisor/libvirt/storage/pool-xml.ts'

const target = 'iqn.2003-01.org.example:disk'
const sources: Record<string, StoragePoolSource> = {
  'local-dir': { type: 'local-dir', path: '/srv/pools/R&D "fast"' },
  nfs: { type: 'nfs', server: 'nas.example.org', exportPath: '/export/vms' },
  'nfs-version': { type: 'nfs', server: '[2001:db8::1]', exportPath: '/export/vms', version: '4.2' },
  iscsi: { type: 'iscsi', host: '192.0.2.1', port: 3260, target },
  'iscsi-chap': { type: 'iscsi', host: '192.0.2.1', port: 13_260, target, chapUser: 'node 1' },
  'ceph-rbd': { type: 'ceph-rbd', monitors: [{ host: '192.0.2.1', port: 6789 }], pool: 'vms' },
  'ceph-rbd-user': {
    type: 'ceph-rbd',
    monitors: [
      { host: '192.0.2.1', port: 6789 },
      { host: '[2001:db8::2]', port: 3300 },
    ],
    pool: 'vms',
    user: 'libvirt',
  },
}

/** A pool of each kind, by the name of its golden file. */
export const goldenPools: Record<string, PoolParameters> = Object.fromEntries(
  Object.entries(sources).map(([name, source]) => [
    name,
    {
      name: `quantix-0190c6f2.${name}`,
      uuid: '0190c6f2-6f0e-8cc1-8f0a-3d3b8b1f4a01',
      source,
      mountPoint: `/var/lib/quantix/mounts/${name}`,
      initiator: 'iqn.2008-11.org.linux-kvm:0190c6f2-6f0e-7cc1-8f0a-3d3b8b1f4a00',
      secretUuid: '0190c6f2-6f0e-8cc1-8f0a-3d3b8b1f4a02',
    },
  ]),
)

const auth = { user: 'libvirt', secretUuid: '0190c6f2-6f0e-8cc1-8f0a-3d3b8b1f4a02' }

/** A volume of each kind, by the name of its golden file. */
export const goldenAttachments: Record<string, AttachmentSource> = {
  'disk-file': { type: 'file', path: '/srv/pools/R&D "fast"/data.qcow2', format: 'qcow2' },
  'disk-iscsi': {
    ...{ type: 'network', protocol: 'iscsi', name: `${target}/1`, hosts: [{ host: '192.0.2.1', port: 3260 }], auth },
    initiator: 'iqn.2008-11.org.linux-kvm:0190c6f2-6f0e-7cc1-8f0a-3d3b8b1f4a00',
  },
  'disk-rbd': {
    type: 'network',
    protocol: 'rbd',
    name: 'vms/data',
    hosts: [{ host: '[2001:db8::2]', port: 3300 }],
    auth,
  },
}
