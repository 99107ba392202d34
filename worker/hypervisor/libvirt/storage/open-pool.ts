import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import { poolTypes } from '#worker/hypervisor/storage-rules.ts'
import type { StoragePool as PoolReference } from '../rpc/protocol.gen.ts'
import type { PoolRecord } from './pool-records.ts'
import type { PoolParameters } from './pool-xml.ts'

/** A pool that can be used now. */
export interface OpenPool {
  poolId: string
  source: StoragePoolSource
  reference: PoolReference
  parameters: PoolParameters
  record: PoolRecord
}

/** Where the files of a pool are; null where it has none. */
export const directoryOf = ({ source, parameters }: Pick<OpenPool, 'source' | 'parameters'>): string | null =>
  source.type === 'local-dir' ? source.path : poolTypes[source.type].isFileSystem ? parameters.mountPoint : null
