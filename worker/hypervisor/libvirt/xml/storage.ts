import { renderXml } from './render.ts'

/** A pool of files in one directory (https://libvirt.org/storage.html#directory-pool). */
export const directoryPoolXml = ({ name, path }: { name: string; path: string }): string =>
  renderXml({ pool: { '@type': 'dir', name, target: { path } } })

export interface VolumeParameters {
  name: string
  capacityBytes: number
  /** What the volume is a copy-on-write overlay of; its format is stated so that nobody has to guess it. */
  backing: { path: string; format: 'qcow2' | 'raw' } | null
}

/** A qcow2 file that only its owner may read (https://libvirt.org/formatstorage.html#storage-volume-xml). */
export const qcow2VolumeXml = ({ name, capacityBytes, backing }: VolumeParameters): string =>
  renderXml({
    volume: {
      name,
      capacity: { '@unit': 'bytes', '#': capacityBytes },
      target: { format: { '@type': 'qcow2' }, compat: '1.1', permissions: { mode: '0600' } },
      ...(backing && { backingStore: { path: backing.path, format: { '@type': backing.format } } }),
    },
  })
