import { readdirSync, readFileSync } from 'node:fs'
import { until } from '#infra/until.ts'

export interface ProcessEntry {
  pid: number
  parent: number
  /** In clock ticks since the machine started: a pid is used again, both together are not. */
  startTime: string
  /** As ps(1) shows it: R runs, S and D wait, Z has ended. */
  state: string
  command: string
}

/** Every process below one, itself included and first. */
export function processTree(root: number): ProcessEntry[] {
  const all = listProcesses()
  const below = (pid: number): ProcessEntry[] =>
    all.filter((entry) => entry.parent === pid).flatMap((entry) => [entry, ...below(entry.pid)])
  return [...all.filter((entry) => entry.pid === root), ...below(root)]
}

/** Those of the processes that have not ended; a zombie has. */
function stillRunning(processes: readonly ProcessEntry[]): ProcessEntry[] {
  const now = listProcesses().filter(({ state }) => state !== 'Z')
  return now.filter((entry) =>
    processes.some(({ pid, startTime }) => pid === entry.pid && startTime === entry.startTime),
  )
}

/** Those that have not ended within 20 s: a server's own processes end a moment after it. */
export async function notEnded(processes: readonly ProcessEntry[]): Promise<ProcessEntry[]> {
  await until(() => stillRunning(processes).length === 0, 20_000)
  return stillRunning(processes)
}

/** The QEMU of a VM, by the id or the name that its command line has. Throws where there is not exactly one. */
export function qemuPid(of: string): number {
  const found = listProcesses().filter(({ command }) => command.includes('qemu-system') && command.includes(of))
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} QEMUs run ${of}`)
  return found[0].pid
}

function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // pid (name) state parent … start time (22nd); the name may hold anything. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent, ...later] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        return [{ pid: Number(name), parent: Number(parent), startTime: later[17] ?? '', state: state ?? '', command }]
      } catch {
        return []
      }
    })
}
