import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { DiskSpec } from '#db/vm-spec.ts'
import type { DiskSpec as DiskMessage } from '#proto/gen/limiquantix/node/v1/DiskSpec.ts'
import type { SnapshotResponse } from '#proto/gen/limiquantix/node/v1/SnapshotResponse.ts'
import type { VMStatusResponse } from '#proto/gen/limiquantix/node/v1/VMStatusResponse.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import { guestAgentView } from './guest-agent-view.ts'
import type { KnownGuest } from './guest-memory.ts'
import { timestamp } from './timestamp.ts'
import type { MeasuredVm } from './vm-meter.ts'

/** A VM as the node remembers it and the hypervisor has it now; null where the hypervisor does not have it. */
export function statusView(vm: VmRow, observed: MeasuredVm | null, guest: KnownGuest | null = null): VMStatusResponse {
  const runs = observed !== null && observed.state !== 'STOPPED'
  const startedAt = runs && vm.runId === observed.runId ? vm.startedAt : null
  const memory = observed?.usage?.counters.memory ?? null
  return {
    vmId: vm.id,
    name: vm.name,
    state: observed ? powerStateOf(observed) : 'POWER_STATE_UNKNOWN',
    cpuUsagePercent: observed?.usage?.cpuPercent ?? 0,
    memoryUsedBytes: memory?.guestUsedBytes ?? 0,
    memoryTotalBytes: (vm.runningSpec ?? vm.spec).memory.sizeMib * 2 ** 20,
    startedAt: startedAt && timestamp(startedAt),
    guestAgent: runs ? guestAgentView(observed.guestAgentConnected === true, guest, memory) : null,
    disks: vm.spec.disks.map(diskView),
  }
}

const powerStateOf = ({ state, stateReason }: MeasuredVm) =>
  state === 'STOPPED' && stateReason === 'crashed' ? 'POWER_STATE_CRASHED' : powerStates[state]

const powerStates = {
  RUNNING: 'POWER_STATE_RUNNING',
  PAUSED: 'POWER_STATE_PAUSED',
  STOPPED: 'POWER_STATE_STOPPED',
} as const satisfies Record<RunState, string>

const diskView = (disk: DiskSpec): DiskMessage => ({
  id: disk.target,
  sizeGib: disk.sizeGib ?? 0,
  bus: buses[disk.bus],
  format: 'DISK_FORMAT_QCOW2',
  readonly: disk.readOnly,
  iopsLimit: disk.iopsLimit ?? 0,
  throughputMbps: disk.throughputLimitMibps ?? 0,
  backingFile: disk.baseImage ?? '',
})

const buses = { virtio: 'DISK_BUS_VIRTIO', scsi: 'DISK_BUS_SCSI', sata: 'DISK_BUS_SATA' } as const

/** A snapshot that was taken. */
export const snapshotView = ({
  id,
  name,
  description,
  takenAt,
  kind,
  parentId,
  consistency,
  notice,
}: SnapshotRow): SnapshotResponse => ({
  snapshotId: id,
  name,
  description,
  createdAt: takenAt && timestamp(takenAt),
  vmState: kind === 'memory' ? 'POWER_STATE_RUNNING' : 'POWER_STATE_STOPPED',
  parentId: parentId ?? '',
  consistency: consistency ?? '',
  notice: notice ?? '',
})
