import type { MethodName } from './calls.ts'
import type { implementedCalls, implementedStreams } from './service.ts'

type Implemented = keyof ReturnType<typeof implementedCalls> | keyof ReturnType<typeof implementedStreams>

const agent = 'The node daemon freezes guests for snapshots alone yet.'
const pools = 'The node daemon knows no storage pools yet, but its own, which is there from the start.'
const volumes = 'The node daemon makes no volumes yet, but the disks of its VMs.'

/** What the methods say that are promised and not there. One that is missing here, or is there by now, does not compile. */
export const notYet: Record<Exclude<MethodName, Implemented>, string> = {
  GetConsole: 'The node daemon opens no displays yet. They listen on the loopback address of the node.',
  GetVMLogs: 'The node daemon shows no logs yet. They are on the node, where libvirt keeps them.',
  QuiesceFilesystems: agent,
  ThawFilesystems: agent,
  InitStoragePool: pools,
  DestroyStoragePool: pools,
  GetStoragePoolInfo: pools,
  ListStoragePools: pools,
  ListStoragePoolFiles: pools,
  CreateVolume: volumes,
  DeleteVolume: volumes,
  ResizeVolume: volumes,
  CloneVolume: volumes,
  GetVolumeAttachInfo: volumes,
  CreateVolumeSnapshot: volumes,
  ListVolumes: volumes,
  ListImages: 'The node daemon does not list its images yet.',
}
