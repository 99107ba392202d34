import { randomBytes } from 'node:crypto'
import { type CpuMode, cpuModes } from '#db/vm-spec.ts'
import type { Progress } from '../progress.ts'
import type { HypervisorChoice } from '../setup/machine.ts'
import type { NodeReport } from '../stack/node.ts'
import { apiClient } from './api.ts'
import { type Columns, deviations, renderTable, rows } from './table.ts'
import { type Tried, tryCpuMode } from './try-cpu-mode.ts'

export interface TourOptions {
  apiUrl: string
  node: NodeReport
  hypervisor: HypervisorChoice
  /** A file of the node's image directory that boots; null for VMs with an empty disk. */
  iso: string | null
  progress: Progress
  /** Ends the tour between two steps, or in the middle of one. */
  signal: AbortSignal
}

/** The main job: a VM in each CPU mode that runs here, every kind of snapshot tried on it. Returns what is not as published. */
export async function runTour({ apiUrl, node, hypervisor, iso, progress, signal }: TourOptions): Promise<string[]> {
  const client = apiClient(apiUrl, signal)
  const libvirtUri = hypervisor.kind === 'libvirt' ? hypervisor.uri : null
  // Two tours may share a database.
  const mark = randomBytes(3).toString('hex')
  const tried = new Map<CpuMode, Tried>()
  for (const mode of cpuModes) {
    const support = node.cpuModes.find((known) => known.mode === mode)
    if (!support?.supported) {
      progress.say(`  ${mode}: does not run here: ${support?.message ?? 'the node says nothing of it'}`)
      continue
    }
    const vmName = `quickstart-${mode}-${mark}`
    tried.set(mode, await tryCpuMode({ client, mode, vmName, iso, libvirtUri, progress }))
  }

  const columns = Object.fromEntries(
    cpuModes.map((mode) => {
      const reason = node.cpuModes.find((known) => known.mode === mode)?.message
      return [mode, tried.get(mode) ?? { notRun: reason ?? 'no reason given' }]
    }),
  ) as Columns
  const found = deviations(columns)
  progress.say(report(columns, tried, found))
  if (tried.size === 0) return ['No CPU mode runs on this machine, so nothing was tried']
  return found
}

function report(columns: Columns, tried: ReadonlyMap<CpuMode, Tried>, found: readonly string[]): string {
  const parts = [`What was measured:\n\n${renderTable(columns)}`]
  for (const mode of cpuModes) {
    const column = columns[mode]
    if ('notRun' in column) parts.push(`${mode} does not run on this machine: ${column.notRun}`)
  }
  for (const [mode, { outcomes, domainCpu }] of tried) {
    for (const row of rows) {
      const outcome = outcomes[row.kind]
      if ('error' in outcome) {
        parts.push(
          `"${row.title}" on ${mode} was refused with code "${outcome.error.code}":\n\n${outcome.error.message}`,
        )
      }
    }
    if (domainCpu) {
      parts.push(
        `The CPU of the ${mode} VM, read back from libvirt\n\nwhile it ran:\n${domainCpu.live}\n\nfor its next start:\n${domainCpu.inactive}`,
      )
    }
  }
  if (found.length > 0) parts.push(`Not as published:\n${found.join('\n')}`)
  return `\n${parts.join('\n\n')}\n`
}
