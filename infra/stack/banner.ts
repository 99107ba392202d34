import type { HypervisorChoice } from '../setup/machine.ts'
import type { Stack } from './stack.ts'

/** What runs where, in one block. */
export function banner({ apiUrl, state, backends }: Stack, hypervisor: HypervisorChoice): string {
  const rows: [string, string][] = [
    ['Console', apiUrl],
    ['API', `${apiUrl}/api/v1`],
    ['Documentation', `${apiUrl}/docs`],
    ['Database', backends.databaseTitle],
    ['Queue', backends.queueTitle],
    ['Hypervisor', hypervisorTitle(hypervisor)],
    ['State, logs', state.path],
    ['Images, ISOs', state.images],
  ]
  return ['Quantix serves', ...rows.map(([title, text]) => `  ${title.padEnd(14)}${text}`)].join('\n')
}

const hypervisorTitle = (hypervisor: HypervisorChoice) =>
  hypervisor.kind === 'libvirt'
    ? `libvirt and QEMU at ${hypervisor.uri}`
    : `SIMULATED: no VM really runs, because ${hypervisor.reason}`
