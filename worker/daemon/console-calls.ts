import { AppError } from '#db/errors.ts'
import type { ConsoleCalls } from '#worker/hypervisor/console-calls.ts'
import type { Calls } from './calls.ts'
import type { VmControl } from './vm-control.ts'
import { readVmId } from './vm-id.ts'

const defaultLines = 100
const mostLines = 1000

/** What a node shows of its VMs. */
export const consoleCalls = (control: Pick<VmControl, 'find'>, hypervisor: ConsoleCalls) =>
  ({
    async GetConsole(request) {
      const { vm } = await control.find(readVmId(request))
      const { type, host, port } = await hypervisor.findDisplay(vm.id)
      return { consoleType: type, host, port, password: '', websocketPath: '' }
    },
    async GetVMLogs(request) {
      const { vm } = await control.find(readVmId(request))
      return { lines: await hypervisor.readLog(vm.id, readLines(request.lines)) }
    },
  }) satisfies Partial<Calls>

function readLines(lines: number): number {
  if (lines <= mostLines) return lines || defaultLines
  throw new AppError('invalid_argument', `lines must be at most ${mostLines}.`, { reason: 'INVALID_LINES' })
}
