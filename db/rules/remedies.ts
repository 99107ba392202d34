import type { CpuMode } from '#db/vm-spec.ts'

export const remedyActions = [
  'TAKE_DISK_ONLY_SNAPSHOT',
  'STOP_THEN_SNAPSHOT',
  'CHANGE_CPU_MODE',
  'PIN_TSC',
  'TAKE_WITHOUT_QUIESCE',
  'PREFER_QUIESCE',
  'START_GUEST_AGENT',
  'INCLUDE_MEMORY',
  'TAKE_OFFLINE_SNAPSHOT',
  'DELETE_SNAPSHOTS',
  'DISCARD_CURRENT',
  'START_VM',
  'STOP_VM',
  'RESUME_VM',
  'DELETE_VM',
  'USE_FORCE',
] as const

/** A way out that comes with a refusal, readable by programs. */
export interface Remedy {
  action: (typeof remedyActions)[number]
  /** What to change in the request that was refused. */
  request?: {
    includeMemory?: boolean
    quiesce?: boolean
    quiescePolicy?: 'prefer'
    discardCurrent?: boolean
    force?: true
  }
  /** What to change in the VM's spec. */
  spec?: { cpuMode?: CpuMode; cpu?: { pinnedTsc: true } }
  /** The request that changes it; the VM has it from its next start on. */
  call?: { method: 'PATCH'; path: string; body: { spec: NonNullable<Remedy['spec']> } }
  /** The guest does not go on through it. */
  needsRestart: boolean
}

/** Every remedy there is. */
export const remedies = {
  takeDiskOnly: { action: 'TAKE_DISK_ONLY_SNAPSHOT', request: { includeMemory: false }, needsRestart: false },
  stopFirst: { action: 'STOP_THEN_SNAPSHOT', request: { includeMemory: false }, needsRestart: true },
  changeCpuMode: { action: 'CHANGE_CPU_MODE', spec: { cpuMode: 'host-model' }, needsRestart: true },
  pinTsc: { action: 'PIN_TSC', spec: { cpu: { pinnedTsc: true } }, needsRestart: true },
  takeUnquiesced: { action: 'TAKE_WITHOUT_QUIESCE', request: { quiesce: false }, needsRestart: false },
  preferQuiesce: { action: 'PREFER_QUIESCE', request: { quiescePolicy: 'prefer' }, needsRestart: false },
  startAgent: { action: 'START_GUEST_AGENT', needsRestart: false },
  includeMemory: { action: 'INCLUDE_MEMORY', request: { includeMemory: true }, needsRestart: false },
  takeOffline: { action: 'TAKE_OFFLINE_SNAPSHOT', request: { quiesce: false }, needsRestart: false },
  deleteSnapshots: { action: 'DELETE_SNAPSHOTS', needsRestart: false },
  discardCurrent: { action: 'DISCARD_CURRENT', request: { discardCurrent: true }, needsRestart: false },
  start: { action: 'START_VM', needsRestart: false },
  stop: { action: 'STOP_VM', needsRestart: true },
  resume: { action: 'RESUME_VM', needsRestart: false },
  delete: { action: 'DELETE_VM', needsRestart: false },
  useForce: { action: 'USE_FORCE', request: { force: true }, needsRestart: true },
} as const satisfies Record<string, Remedy>

/** A remedy with the request that makes it of a VM, where it is a change of the spec. */
export const ofVm = (remedy: Remedy, vmId: string): Remedy =>
  remedy.spec
    ? { ...remedy, call: { method: 'PATCH', path: `/api/v1/vms/${vmId}`, body: { spec: remedy.spec } } }
    : remedy
