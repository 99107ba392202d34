import type { MemoryUsage } from '#db/schema/vm-usage.ts'
import type { DiskCounters, NicCounters, VmCounters, VmMeasurement } from '#worker/hypervisor/measurement.ts'
import { stateOf } from './domain.ts'
import { factsOf, notRunning } from './observe.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { ConnectGetAllDomainStatsFlags, DomainStatsTypes } from './rpc/constants.gen.ts'
import { unlessNotFound } from './rpc/errors.ts'
import { type DomainStatsRecord, remote } from './rpc/protocol.gen.ts'
import type { Run, Runs } from './runs.ts'
import { type Stats, stateIn, statsOf } from './stats.ts'

const nsPerSecond = 1e9
const bytesPerKib = 1024
const noId = -1

const wanted =
  DomainStatsTypes.STATE |
  DomainStatsTypes.CPU_TOTAL |
  DomainStatsTypes.BALLOON |
  DomainStatsTypes.VCPU |
  DomainStatsTypes.INTERFACE |
  DomainStatsTypes.BLOCK

/**
 * How those of the VMs are that libvirt has, and what they have used since their start, in one call. One on which another
 * call is at work is not waited for: its state alone is known.
 */
export async function measureVms(
  connection: LibvirtConnection,
  runs: Runs,
  vmIds: readonly string[],
): Promise<VmMeasurement[]> {
  // Of none, libvirt would understand all.
  if (vmIds.length === 0) return []
  const { retStats } = await connection.call(remote.connectGetAllDomainStats, {
    doms: vmIds.map((uuid) => ({ name: uuid, uuid, id: noId })),
    stats: wanted,
    flags: ConnectGetAllDomainStatsFlags.NOWAIT,
  })
  const measured: VmMeasurement[] = []
  for (const record of retStats) {
    const one = await unlessNotFound(measurementOf(record, runs))
    if (one) measured.push(one)
  }
  return measured
}

async function measurementOf({ dom, params }: DomainStatsRecord, runs: Runs): Promise<VmMeasurement> {
  const stats = statsOf(params)
  const vmId = dom.uuid
  const state = stateOf(stateIn(stats))
  // libvirt counts processor time of stopped domains as well: its own.
  if (state.state === 'STOPPED') return { vmId, ...state, ...notRunning, counters: null }
  let run = await runs.known(dom)
  // A card that came since has a name that is not known yet.
  if (stats.group('net').some((nic) => !run.macs.has(stats.text(`${nic}.name`)))) run = await runs.read(dom)
  return { vmId, ...state, ...factsOf(run), counters: countersOf(vmId, stats, run) }
}

function countersOf(vmId: string, stats: Stats, { runId, macs }: Run): VmCounters | null {
  const vcpus = stats.number('vcpu.current')
  const cpuTimeNs = stats.number('cpu.time')
  const disks = disksIn(stats)
  if (vcpus === null || cpuTimeNs === null || !disks) return null
  const [memory, nics] = [memoryIn(stats), nicsIn(stats, macs)]
  return { vmId, runId, vcpus, cpuTimeSeconds: cpuTimeNs / nsPerSecond, memory, disks, nics }
}

function memoryIn(stats: Stats): MemoryUsage {
  const bytes = (field: string) => {
    const kib = stats.number(`balloon.${field}`)
    return kib === null ? null : kib * bytesPerKib
  }
  const guestTotalBytes = bytes('available')
  const usableBytes = bytes('usable')
  return {
    balloonBytes: bytes('current'),
    residentBytes: bytes('rss'),
    guestTotalBytes,
    guestUsedBytes: guestTotalBytes === null || usableBytes === null ? null : guestTotalBytes - usableBytes,
  }
}

/** Null where QEMU was not asked: somebody else talks to it. */
function disksIn(stats: Stats): DiskCounters[] | null {
  const disks: DiskCounters[] = []
  for (const disk of stats.group('block')) {
    const count = (field: string) => stats.number(`${disk}.${field}`)
    const [readBytes, writtenBytes] = [count('rd.bytes'), count('wr.bytes')]
    const isEmptyDrive = stats.text(`${disk}.path`) === ''
    if (!isEmptyDrive && (readBytes === null || writtenBytes === null)) return null
    disks.push({
      target: stats.text(`${disk}.name`),
      readBytes: readBytes ?? 0,
      writtenBytes: writtenBytes ?? 0,
      readRequests: count('rd.reqs') ?? 0,
      writeRequests: count('wr.reqs') ?? 0,
      capacityBytes: count('capacity'),
      fileBytes: count('physical'),
    })
  }
  return disks
}

const nicsIn = (stats: Stats, macs: ReadonlyMap<string, string>): NicCounters[] =>
  stats.group('net').flatMap((nic) => {
    const mac = macs.get(stats.text(`${nic}.name`))
    const count = (field: string) => stats.number(`${nic}.${field}`) ?? 0
    if (mac === undefined) return []
    return {
      mac,
      receivedBytes: count('rx.bytes'),
      sentBytes: count('tx.bytes'),
      receivedPackets: count('rx.pkts'),
      sentPackets: count('tx.pkts'),
      droppedPackets: count('rx.drop') + count('tx.drop'),
    }
  })
