import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { RunState, SnapshotTaken, VmDefinition } from '#worker/hypervisor/port.ts'

export interface SimulatedVm {
  definition: VmDefinition
  state: RunState
  /** What each snapshot was, by its id. */
  snapshots: Record<string, SnapshotTaken>
}

/** All there is on a simulated node. */
export interface SimulatedState {
  /** Defined VMs by id. */
  vms: Record<string, SimulatedVm>
  /** Names of the pool's files. */
  files: string[]
}

export interface StateStore {
  readonly state: SimulatedState
  /** Keeps what was changed. */
  save(): void
}

/** In a file, what was saved outlives the process that saved it, as VMs outlive a worker; without one, in memory. */
export function openStateStore(file: string | undefined): StateStore {
  if (file === undefined) return { state: { vms: {}, files: [] }, save: () => {} }
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

function read(file: string): SimulatedState {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { vms: {}, files: [] }
    throw error
  }
}
