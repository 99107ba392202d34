import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { DiskProblem } from '#db/schema/vm.ts'
import type { RunState, StateReason, VmDefinition } from '#worker/hypervisor/port.ts'
import type { SnapshotTaken } from '#worker/hypervisor/snapshot-calls.ts'
import type { SimulatedFiles } from './files.ts'
import type { MadeByOthers } from './host-domains.ts'
import type { SimulatedHold } from './quiesce-calls.ts'
import type { SimulatedRevert } from './revert.ts'
import type { SimulatedStorage } from './storage-state.ts'

export interface SimulatedVm {
  definition: VmDefinition
  /** What it was started with; null while stopped. */
  running: VmDefinition | null
  /** What ran when a snapshot saved its memory, by the snapshot's id. */
  saved: Record<string, VmDefinition>
  state: RunState
  stateReason: StateReason | null
  /** How often it was started. */
  starts: number
  definedOnNode: boolean
  /** The file that each disk writes to. */
  disks: SnapshotDisk[]
  /** The file of each disk that it cannot write to, which snapshots leave alone. */
  readOnlyDisks: SnapshotDisk[]
  /** What each snapshot was, by its id. */
  snapshots: Record<string, SnapshotTaken>
  /** The last one; null where there was none, or it was undone. */
  revert: SimulatedRevert | null
  /** Files that were merged into the one below, with its name. */
  moved: Record<string, string>
  diskProblem: DiskProblem | null
  /** What the guest was given by its agent, by path. */
  guestFiles?: Record<string, { base64: string; mode: number }>
  /** Only of a guest that a token holds frozen. */
  hold?: SimulatedHold | undefined
  /** What became of it; left out of one that was never started. */
  log?: string[]
  /** Only of one that others made. */
  madeByOthers?: MadeByOthers
}

/** All there is on a simulated node. */
export interface SimulatedState {
  /** Defined VMs by id. */
  vms: Record<string, SimulatedVm>
  /** The pool's files by name. */
  files: SimulatedFiles
  storage: SimulatedStorage
}

export interface StateStore {
  readonly state: SimulatedState
  /** Keeps what was changed. */
  save(): void
}

/** In a file, what was saved outlives the process that saved it, as VMs outlive a worker; without one, in memory. */
export function openStateStore(file: string | undefined): StateStore {
  if (file === undefined) return { state: newState(), save: () => {} }
  const state = read(file)
  return {
    state,
    save() {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(`${file}.new`, JSON.stringify(state))
      renameSync(`${file}.new`, file)
    },
  }
}

const newState = (): SimulatedState => ({ vms: {}, files: {}, storage: { pools: {}, places: {} } })

function read(file: string): SimulatedState {
  try {
    return { ...newState(), ...JSON.parse(readFileSync(file, 'utf8')) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return newState()
    throw error
  }
}
