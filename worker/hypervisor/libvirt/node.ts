import type { NodeDescription } from '#worker/hypervisor/port.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { remote } from './rpc/protocol.gen.ts'
import type { StoragePool } from './storage-pool.ts'
import { readCapabilities } from './xml/read-capabilities.ts'

export interface Versions {
  libvirtVersion: string
  qemuVersion: string
}

/** Of the daemon and of the QEMU that it would start now. */
export async function readVersions(connection: LibvirtConnection): Promise<Versions> {
  const [{ libVer }, { hvVer }] = await Promise.all([
    connection.call(remote.connectGetLibVersion, {}),
    connection.call(remote.connectGetVersion, {}),
  ])
  return { libvirtVersion: versionText(libVer), qemuVersion: versionText(hvVer) }
}

/** libvirt packs a version as major × 1,000,000 + minor × 1,000 + release. */
const versionText = (packed: bigint): string =>
  [packed / 1_000_000n, (packed / 1_000n) % 1_000n, packed % 1_000n].join('.')

const kibPerMib = 1024n
const allCells = -1

/** As the kernel says it now: `nodeGetInfo` tells what the machine had when it booted. */
async function readMemoryMib(connection: LibvirtConnection): Promise<number> {
  const ask = (nparams: number) => connection.call(remote.nodeGetMemoryStats, { nparams, cellNum: allCells, flags: 0 })
  const { params } = await ask((await ask(0)).nparams)
  const total = params.find(({ field }) => field === 'total')
  if (!total) throw new Error('libvirt does not say how much memory the node has')
  return Number(total.value / kibPerMib)
}

/** Identity and size of the node, and what is free in the worker's pool. */
export async function describeNode(
  connection: LibvirtConnection,
  pool: Pick<StoragePool, 'freeBytes'>,
): Promise<NodeDescription> {
  const [versions, { hostname }, { cpus }, memoryMib, { capabilities }, storageFreeBytes] = await Promise.all([
    readVersions(connection),
    connection.call(remote.connectGetHostname, {}),
    connection.call(remote.nodeGetInfo, {}),
    readMemoryMib(connection),
    connection.call(remote.connectGetCapabilities, {}),
    pool.freeBytes(),
  ])
  const { hostUuid, tscFrequencyHz, tscScaling } = readCapabilities(capabilities)
  return {
    ...versions,
    hostname,
    hostUuid,
    cpuCount: cpus,
    memoryMib,
    tscFrequencyHz,
    tscScaling,
    storageFreeBytes,
  }
}
